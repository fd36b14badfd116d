package org.iommu4j.vfio.release;

import com.google.common.collect.ImmutableSet;
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
          true);

  /** {@code drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_unmap}. */
  private static final Type1Rules TYPE1 = Type1Rules.of(Trait.OWN_ONLY);

  /** What it does. */
  public static final VfioRules RULES = new VfioRules(VIABILITY, TYPE1, 64 << 10);

  private Vfio510() {}
}
