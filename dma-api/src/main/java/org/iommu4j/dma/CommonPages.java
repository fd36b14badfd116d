package org.iommu4j.dma;

import org.jspecify.annotations.Nullable;

/**
 * Pages for operations that map what they allocate as any other buffer.
 *
 * <p>Thread-safe if the allocator is.
 *
 * <p>Source: {@code kernel/dma/ops_helpers.c:dma_common_alloc_pages}.
 *
 * @param memory the machine's memory
 * @param pages where the pages come from
 */
public record CommonPages(PhysicalMemory memory, PageAllocator pages) {
  /**
   * Allocates pages anywhere, maps them with these operations, and clears them.
   *
   * @param sizeBytes a multiple of 4096
   * @return the pages, or null if there are none or they could not be mapped
   */
  public @Nullable DmaPages allocPages(
      DmaOps ops, Device device, long sizeBytes, DmaDirection direction) {
    int order = PageAllocator.orderOf(sizeBytes);
    if (order > FrameAllocator.MAX_ORDER) {
      return null;
    }
    long phys = pages.allocate(order, MemoryZone.NORMAL);
    if (phys == PageAllocator.NONE) {
      return null;
    }
    long dmaAddr = ops.mapPage(device, phys, sizeBytes, direction, DmaAttributes.SKIP_CPU_SYNC);
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      pages.free(phys);
      return null;
    }
    memory.fill(phys, sizeBytes, (byte) 0);
    return new DmaPages(phys, dmaAddr, sizeBytes, direction);
  }

  /** Unmaps and frees pages that {@link #allocPages} returned. */
  public void freePages(DmaOps ops, Device device, DmaPages freed) {
    ops.unmapPage(
        device, freed.dmaAddr(), freed.sizeBytes(), freed.direction(), DmaAttributes.SKIP_CPU_SYNC);
    pages.free(freed.phys());
  }
}
