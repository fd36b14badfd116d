package org.iommu4j.vfio.release;

import com.google.common.collect.ImmutableSet;
import org.iommu4j.machine.pci.quirks.IdSet;
import org.iommu4j.vfio.policy.HandoverRules;
import org.iommu4j.vfio.policy.VfioPciRules;
import org.iommu4j.vfio.policy.ViabilityRules;
import org.iommu4j.vfio.type1.Type1Rules;
import org.iommu4j.vfio.type1.Type1Rules.Trait;

/** VFIO in Linux 6.1: 5.10's, and what differs in ownership and mapping. */
public final class Vfio61 {
  /**
   * All mappings at once, and their addresses in the process, are taken and moved since 5.12; the
   * mappings of other processes go as well, from the lowest address on: {@code
   * drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_unmap}, {@code vfio_dma_do_map}. What a domain can
   * do about caches is found out when a group is attached: {@code vfio_iommu_type1_attach_group}.
   */
  private static final Type1Rules TYPE1 =
      Type1Rules.of(
          Vfio510.RULES.type1().interruptSource(),
          Trait.TAKES_ALL,
          Trait.MOVES_MEMORY,
          Trait.IN_ORDER,
          Trait.ENFORCES_COHERENCY);

  /**
   * A group is handed out as a whole, and a driver says itself if it leaves DMA to others: {@code
   * drivers/iommu/iommu.c:iommu_group_claim_dma_owner}, {@code
   * include/linux/pci.h:driver_managed_dma}.
   */
  private static final ViabilityRules VIABILITY =
      new ViabilityRules(
          ImmutableSet.of("vfio-pci", "vfio-platform", "vfio-amba", "vfio-fsl-mc", "mlx5_vfio_pci"),
          ImmutableSet.of("pci-stub", "pcieport"),
          false,
          "drivers/iommu/iommu.c:iommu_group_claim_dma_owner",
          "drivers/iommu/iommu.c:iommu_device_use_default_domain");

  /** {@code drivers/vfio/container.c:vfio_container_attach_group}. */
  private static final HandoverRules HANDOVER =
      HandoverRules.of(
          HandoverRules.Trait.CLAIMS_GROUPS,
          HandoverRules.Trait.LEAVES_WITH_LAST_DEVICE,
          HandoverRules.Trait.TELLS_WHY_NOT_BOUND);

  /**
   * The data streaming and analytics accelerators of Sapphire Rapids are denied as well: {@code
   * drivers/vfio/pci/vfio_pci.c:vfio_pci_dev_in_denylist}.
   */
  private static final VfioPciRules PCI =
      new VfioPciRules(
          IdSet.of("0435 0443 0b25 0cfe 19e2 19e3 37c8 37c9"),
          true,
          "drivers/vfio/pci/vfio_pci_core.c:vfio_pci_core_register_device",
          "drivers/vfio/vfio_main.c:vfio_group_find_or_alloc");

  /** What it does. */
  public static final VfioRules RULES =
      new VfioRules(
          VIABILITY,
          HANDOVER,
          PCI,
          "claiming the group for a container fails with EPERM",
          TYPE1,
          8 << 20,
          "drivers/pci/pci.c:pci_init_reset_methods");

  private Vfio61() {}
}
