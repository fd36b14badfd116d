package org.iommu4j.testkit;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iova.IovaDomain;
import org.iommu4j.iova.IovaRules;

/**
 * An allocator of I/O page frames, as far as contracts and invariants look at it.
 *
 * <p>Implementations must be thread-safe; a CPU is used by one thread at a time.
 */
public interface IovaAllocator {
  /** What {@link #alloc} returns if there is no room. */
  long NO_PFN = 0;

  /**
   * Allocates a range, aligned to its size.
   *
   * @param cpu the calling thread's model CPU
   * @param pages a power of two
   * @param limitPfn the highest page frame that the range may hold
   * @return its first page frame, or {@link #NO_PFN}, also where caches of other CPUs hold room
   *     that cannot be had
   */
  long alloc(int cpu, long pages, long limitPfn);

  /** Frees a range that {@link #alloc} returned, with its size. */
  void free(int cpu, long pfn, long pages);

  /** Keeps page frames from being handed out; called before anything is allocated. */
  void reserve(long firstPfn, long lastPfn);

  /** Throws {@link AssertionError} if the allocator contradicts itself. */
  void checkInvariants();

  /** Returns the allocator of Linux, which starts at page frame 1 as the kernel's domains do. */
  static IovaAllocator ofKernel(int cpus) {
    IovaRules rules = KernelReleases.usual().iova();
    return new KernelIovaAllocator(new IovaDomain(rules, PAGE_BYTES, 1, cpus));
  }
}
