package org.iommu4j.swiotlb;

import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysicalMemory;

/**
 * What operations that may bounce need to know of a system. Immutable.
 *
 * @param memory the machine's memory
 * @param buffers where coherent memory comes from
 * @param maxPfn the number of the page frame after the last of RAM
 * @param pool the pool of bounce slots, or the fact that there is none
 * @param log takes the kernel's lines
 */
public record BouncingSystem(
    PhysicalMemory memory, PageAllocator buffers, long maxPfn, SwiotlbPool pool, DeviceLog log) {}
