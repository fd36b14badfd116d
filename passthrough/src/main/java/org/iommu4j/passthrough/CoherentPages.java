package org.iommu4j.passthrough;

import org.iommu4j.base.Pages;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaReach;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * Coherent memory at places that a device reaches: from the zone that the mask suggests, and if
 * that gives a place out of reach after all, from the next lower ones. All of it is cleared, what
 * the driver does not want to see (NO_KERNEL_MAPPING) too: Debian's kernels clear what they
 * allocate (CONFIG_INIT_ON_ALLOC_DEFAULT_ON).
 *
 * <p>Thread-safe if the allocator is.
 *
 * <p>Source: {@code kernel/dma/direct.c:__dma_direct_alloc_pages}.
 */
record CoherentPages(PhysicalMemory memory, PageAllocator pages) {
  private static final int ZONE_DMA_BITS = 24;

  @Nullable CoherentBuffer allocate(Device device, long sizeBytes) {
    int order = PageAllocator.orderOf(sizeBytes);
    if (order > FrameAllocator.MAX_ORDER) {
      return null;
    }
    long wholePages = Pages.alignUp(sizeBytes);
    long phys = allocateReachable(device, wholePages, order);
    if (phys == PageAllocator.NONE) {
      return null;
    }
    memory.fill(phys, wholePages, (byte) 0);
    return new CoherentBuffer(phys, phys, sizeBytes);
  }

  private long allocateReachable(Device device, long wholePages, int order) {
    long limit = DmaReach.limit(device, device.coherentDmaMask());
    for (MemoryZone zone = firstZone(limit); ; zone = nextZone(zone, limit)) {
      long phys = pages.allocate(order, zone);
      if (phys == PageAllocator.NONE || DmaReach.isCoherentCapable(device, phys, wholePages)) {
        return phys;
      }
      pages.free(phys);
      if (zone == MemoryZone.DMA) {
        return PageAllocator.NONE;
      }
    }
  }

  // kernel/dma/direct.c:dma_direct_optimal_gfp_mask
  private static MemoryZone firstZone(long limit) {
    if (Long.compareUnsigned(limit, DmaMapping.bitMask(ZONE_DMA_BITS)) <= 0) {
      return MemoryZone.DMA;
    }
    boolean low = Long.compareUnsigned(limit, DmaMapping.bitMask(32)) <= 0;
    return low ? MemoryZone.DMA32 : MemoryZone.NORMAL;
  }

  private static MemoryZone nextZone(MemoryZone zone, long limit) {
    return zone == MemoryZone.NORMAL && limit != -1L ? MemoryZone.DMA32 : MemoryZone.DMA;
  }
}
