package org.iommu4j.iommu.spi;

import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.decision.Decision;
import org.jspecify.annotations.Nullable;

/**
 * The DMA operations that a device ends with.
 *
 * @param ops the vendor's own operations, or null if it has none for the device
 * @param dmaIommu whether the core makes operations on top of the device's domain when the device
 *     is attached to it
 * @param decision why
 */
public record OpsChoice(@Nullable DmaOps ops, boolean dmaIommu, Decision decision) {
  /** Checks that nobody makes operations twice. */
  public OpsChoice {
    if (ops != null && dmaIommu) {
      throw new IllegalArgumentException("a device has operations of one maker");
    }
  }

  /**
   * Makes a choice without the core's operations.
   *
   * @param ops the vendor's own, or null for direct mapping
   */
  public OpsChoice(@Nullable DmaOps ops, Decision decision) {
    this(ops, false, decision);
  }

  /**
   * Chooses those of dma-iommu, which the core makes.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_setup_dma_ops}.
   */
  public static OpsChoice ofDmaIommu(Decision decision) {
    return new OpsChoice(null, true, decision);
  }
}
