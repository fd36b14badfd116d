package org.iommu4j.vfio.release;

import com.google.common.collect.ImmutableSet;
import org.iommu4j.vfio.policy.HandoverRules;
import org.iommu4j.vfio.policy.VfioPciRules;
import org.iommu4j.vfio.policy.ViabilityRules;
import org.iommu4j.vfio.type1.Type1Rules;

/** VFIO in Linux 6.12, through its own containers: 6.1's, and what differs. */
public final class Vfio612 {
  /** Drivers that hand out functions of one kind came: {@code drivers/vfio/pci}. */
  private static final ViabilityRules VIABILITY =
      Vfio61.RULES
          .viability()
          .withVfioDrivers(
              ImmutableSet.of(
                  "vfio-pci",
                  "vfio-platform",
                  "vfio-amba",
                  "vfio-fsl-mc",
                  "mlx5_vfio_pci",
                  "virtio_vfio_pci",
                  "qat_vfio_pci",
                  "pds_vfio_pci"));

  /** {@code drivers/base/dd.c:call_driver_probe}. */
  private static final HandoverRules HANDOVER =
      Vfio61.RULES.handover().with(HandoverRules.Trait.NAMES_DEVICE_OF_PROBE);

  /** {@code drivers/vfio/group.c:vfio_group_find_or_alloc}. */
  private static final VfioPciRules PCI =
      new VfioPciRules(
          Vfio61.RULES.pci().denied(),
          true,
          Vfio61.RULES.pci().source(),
          "drivers/vfio/group.c:vfio_group_find_or_alloc");

  /** {@code drivers/iommu/iommu.c:iommu_group_has_isolated_msi}. */
  private static final Type1Rules TYPE1 =
      Vfio61.RULES
          .type1()
          .withInterruptSource("drivers/iommu/iommu.c:iommu_group_has_isolated_msi")
          .with(Type1Rules.Trait.ALIGNS_CAPABILITIES);

  /** What it does. */
  public static final VfioRules RULES =
      new VfioRules(
          VIABILITY,
          HANDOVER,
          PCI,
          "claiming the group for a container fails with EINVAL",
          TYPE1,
          Vfio61.RULES.memlockBytes(),
          Vfio61.RULES.resetSource());

  private Vfio612() {}
}
