package org.iommu4j.dma;

/**
 * The operations that map memory for one device, as {@code struct dma_map_ops} of the kernel.
 *
 * <p>A device without any ({@link Device#dmaOps()} is null) is mapped directly. Implementations
 * must be thread-safe: one object serves every device that it was chosen for.
 *
 * <p>Source: {@code include/linux/dma-map-ops.h:struct dma_map_ops}.
 */
public interface DmaOps {
  /** Returns the kernel's symbol of these operations, such as {@code intel_dma_ops}. */
  String symbol();
}
