package org.iommu4j.bounce;

import org.iommu4j.dma.DmaOps;

/**
 * The DMA operations of devices that are not trusted. Immutable.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:bounce_dma_ops}.
 */
final class BounceDmaOps implements DmaOps {
  @Override
  public String symbol() {
    return "bounce_dma_ops";
  }
}
