package org.iommu4j.iommu.dma.release;

import com.google.common.collect.Sets;
import org.iommu4j.iommu.dma.DmaIommuRules;
import org.iommu4j.iommu.dma.DmaIommuRules.LowFirst;
import org.iommu4j.iommu.dma.DmaIommuRules.Padding;
import org.iommu4j.iommu.dma.DmaIommuRules.Queueing;
import org.iommu4j.iommu.dma.DmaIommuRules.Trait;

/** dma-iommu in Linux 5.10, which AMD's driver stands on and Intel's does not. */
public final class Dma510 {
  /** What it does. */
  public static final DmaIommuRules RULES =
      new DmaIommuRules(
          "iommu_dma_ops",
          Queueing.BY_ATTRIBUTE,
          LowFirst.ALWAYS,
          Padding.NONE,
          Sets.immutableEnumSet(Trait.QUEUES_WHAT_WAS_NOT_MAPPED, Trait.GIVES_NO_BYTES_AN_ADDRESS));

  private Dma510() {}
}
