package org.iommu4j.iommu.dma.release;

import org.iommu4j.iommu.dma.DmaIommuRules;
import org.iommu4j.iommu.dma.DmaIommuRules.Padding;
import org.iommu4j.iommu.dma.DmaIommuRules.Queueing;
import org.iommu4j.iommu.dma.DmaIommuRules.Trait;

/** dma-iommu in Linux 6.1: 5.10's, and what differs. */
public final class Dma61 {
  /** What it does. */
  public static final DmaIommuRules RULES =
      Dma510.RULES
          .withQueueing(Queueing.BY_TYPE)
          .withPadding(Padding.DATA_THAT_IS_NOT_READ)
          .without(Trait.QUEUES_WHAT_WAS_NOT_MAPPED)
          .without(Trait.GIVES_NO_BYTES_AN_ADDRESS)
          .with(Trait.LOOKS_UP_BEFORE_UNMAP)
          .with(Trait.TELLS_LIST_ERRORS)
          .with(Trait.ALLOCATES_PIECES)
          .with(Trait.TELLS_BEST_SIZE);

  private Dma61() {}
}
