package org.iommu4j.testkit;

import org.iommu4j.iova.IovaDomain;

/** Linux's own allocator. Thread-safe. */
record KernelIovaAllocator(IovaDomain domain) implements IovaAllocator {
  @Override
  public long alloc(int cpu, long pages, long limitPfn) {
    return domain.allocFast(cpu, pages, limitPfn, true);
  }

  @Override
  public void free(int cpu, long pfn, long pages) {
    domain.freeFast(cpu, pfn, pages);
  }

  @Override
  public void reserve(long firstPfn, long lastPfn) {
    if (domain.reserve(firstPfn, lastPfn) == null) {
      throw new AssertionError(
          String.format("pfns 0x%x to 0x%x could not be reserved", firstPfn, lastPfn));
    }
  }

  @Override
  public void checkInvariants() {
    domain.checkInvariants();
  }
}
