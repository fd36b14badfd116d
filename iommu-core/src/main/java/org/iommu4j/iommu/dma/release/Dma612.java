package org.iommu4j.iommu.dma.release;

import org.iommu4j.iommu.dma.DmaIommuRules;
import org.iommu4j.iommu.dma.DmaIommuRules.LowFirst;
import org.iommu4j.iommu.dma.DmaIommuRules.Padding;
import org.iommu4j.iommu.dma.DmaIommuRules.Trait;

/** dma-iommu in Linux 6.12: 6.1's, and what differs. */
public final class Dma612 {
  /** What it does. */
  public static final DmaIommuRules RULES =
      Dma61.RULES
          .withOpsSymbol(DmaIommuRules.NO_OPS)
          .withLowFirst(LowFirst.UNTIL_NONE_ARE_LEFT)
          .withPadding(Padding.AROUND_DATA)
          .with(Trait.REFUSES_OVERLONG_ENTRIES)
          .with(Trait.SORTS_DMA_RANGES)
          .with(Trait.REFUSES_WIDE_ALIGNMENT);

  private Dma612() {}
}
