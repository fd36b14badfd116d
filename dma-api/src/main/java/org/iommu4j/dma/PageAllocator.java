package org.iommu4j.dma;

/**
 * Where buffers' pages come from. The usual one is {@link FrameAllocator}; a replay puts them where
 * the recorded kernel had them.
 *
 * <p>Implementations must be thread-safe.
 *
 * <p>Source: {@code include/linux/gfp.h:alloc_pages}.
 */
public interface PageAllocator {
  /** What {@link #allocate} returns when there is no such block. */
  long NONE = 0;

  /**
   * Takes 2^order frames; their content is undefined.
   *
   * @param order 0 to {@link FrameAllocator#MAX_ORDER}; else {@link IllegalArgumentException}
   * @param highest the highest zone that the frames may lie in
   * @return the physical address of the block, aligned to its size, or {@link #NONE}
   */
  long allocate(int order, MemoryZone highest);

  /** Gives a block back that {@link #allocate} returned. */
  void free(long phys);
}
