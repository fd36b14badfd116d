package org.iommu4j.vfio.release;

import com.google.common.collect.ImmutableSet;
import org.iommu4j.machine.pci.quirks.IdSet;
import org.iommu4j.vfio.policy.HandoverRules;
import org.iommu4j.vfio.policy.VfioPciRules;
import org.iommu4j.vfio.policy.ViabilityRules;
import org.iommu4j.vfio.type1.Type1Rules;
import org.iommu4j.vfio.type1.Type1Rules.Trait;

/** VFIO in Linux 5.10. */
public final class Vfio510 {
  /** {@code drivers/vfio/vfio.c:vfio_dev_driver_allowed}, {@code vfio_driver_allowed}. */
  private static final ViabilityRules VIABILITY =
      new ViabilityRules(
          ImmutableSet.of("vfio-pci", "vfio-platform", "vfio-amba", "vfio-fsl-mc", "vfio_mdev"),
          ImmutableSet.of("pci-stub"),
          true,
          "drivers/vfio/vfio.c:vfio_dev_viable",
          "drivers/vfio/vfio.c:vfio_dev_driver_allowed");

  /**
   * QuickAssist: C3xxx, C62x and DH895xCC, physical and virtual functions; {@code
   * drivers/vfio/pci/vfio_pci.c:vfio_pci_dev_in_denylist}.
   */
  private static final VfioPciRules PCI =
      new VfioPciRules(
          IdSet.of("0435 0443 19e2 19e3 37c8 37c9"),
          false,
          "drivers/vfio/pci/vfio_pci.c:vfio_pci_probe",
          "drivers/vfio/pci/vfio_pci.c:vfio_pci_probe");

  /** {@code drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_unmap}. */
  private static final Type1Rules TYPE1 =
      Type1Rules.of(
          "drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_attach_group", Trait.OWN_ONLY);

  /** What it does. */
  public static final VfioRules RULES =
      new VfioRules(
          VIABILITY,
          HandoverRules.of(),
          PCI,
          "attaching fails with EPERM",
          TYPE1,
          64 << 10,
          "drivers/pci/pci.c:pci_probe_reset_function");

  private Vfio510() {}
}
