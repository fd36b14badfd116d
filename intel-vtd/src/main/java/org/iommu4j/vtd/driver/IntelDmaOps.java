package org.iommu4j.vtd.driver;

import org.iommu4j.dma.DmaOps;

/**
 * The DMA operations of devices whose addresses VT-d remaps. Immutable.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_dma_ops}.
 */
public final class IntelDmaOps implements DmaOps {
  /** Makes the operations. */
  public IntelDmaOps() {}

  @Override
  public String symbol() {
    return "intel_dma_ops";
  }
}
