package org.iommu4j.swiotlb;

import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysicalMemory;

/**
 * Provides the operations of devices that have none of their own; found with {@link
 * java.util.ServiceLoader}.
 *
 * <p>Implementations must be stateless and have a public constructor without arguments.
 */
public interface DirectOpsProvider {
  /**
   * Returns operations for one booted system.
   *
   * @param system what they are made of
   */
  DmaOps ops(DirectSystem system);

  /**
   * What direct mapping needs to know of a system. Immutable.
   *
   * @param memory the machine's memory
   * @param buffers where coherent memory comes from
   * @param maxPfn the number of the page frame after the last of RAM
   * @param pool the pool of bounce slots, or the fact that there is none
   * @param log takes the kernel's lines
   */
  record DirectSystem(
      PhysicalMemory memory, PageAllocator buffers, long maxPfn, SwiotlbPool pool, DeviceLog log) {}
}
