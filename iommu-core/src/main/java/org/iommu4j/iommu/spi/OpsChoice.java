package org.iommu4j.iommu.spi;

import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.decision.Decision;
import org.jspecify.annotations.Nullable;

/**
 * The DMA operations that a device ends with.
 *
 * @param ops the operations, or null for direct mapping
 * @param decision why
 */
public record OpsChoice(@Nullable DmaOps ops, Decision decision) {}
