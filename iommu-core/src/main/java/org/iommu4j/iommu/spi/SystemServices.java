package org.iommu4j.iommu.spi;

import java.util.function.Consumer;
import org.iommu4j.base.ModelCpu;
import org.iommu4j.base.Timers;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.swiotlb.BouncingSystem;
import org.iommu4j.swiotlb.SwiotlbPool;

/**
 * What every part of one booted system shares. The record is immutable, its parts are thread-safe.
 *
 * @param rules what the kernel does
 * @param memory the machine's memory
 * @param frames the allocator of page frames for the kernel's own tables
 * @param buffers the allocator of page frames for coherent memory
 * @param maxPfn the number of the page frame after the last of RAM
 * @param timers where time comes from
 * @param cpus the number of model CPUs, at least 1
 * @param log takes the kernel's lines, with their prefix and without their time
 * @param pool the pool of bounce slots, or the fact that there is none
 */
public record SystemServices(
    KernelRules rules,
    PhysicalMemory memory,
    FrameAllocator frames,
    PageAllocator buffers,
    long maxPfn,
    Timers timers,
    int cpus,
    Consumer<String> log,
    SwiotlbPool pool) {

  /** Returns the model CPU of the calling thread. */
  public int currentCpu() {
    return cpus == 1 ? 0 : ModelCpu.current();
  }

  /** Returns a log for lines about devices, whose limits are its own. */
  public DeviceLog deviceLog() {
    return new DeviceLog(log, timers::nowMillis);
  }

  /** Returns what operations that may bounce are made of, with a log of their own. */
  public BouncingSystem bouncing() {
    return new BouncingSystem(memory, buffers, maxPfn, pool, deviceLog());
  }
}
