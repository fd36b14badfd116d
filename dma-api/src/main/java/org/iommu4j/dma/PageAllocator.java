package org.iommu4j.dma;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

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

  /**
   * Returns the order of the smallest block that holds so many bytes; no bytes are more than any
   * block has.
   *
   * <p>Source: {@code include/asm-generic/getorder.h:get_order}.
   */
  static int orderOf(long sizeBytes) {
    return Long.SIZE - Long.numberOfLeadingZeros((sizeBytes - 1) >>> PAGE_SHIFT);
  }

  /** Gives a block back that {@link #allocate} returned. */
  void free(long phys);
}
