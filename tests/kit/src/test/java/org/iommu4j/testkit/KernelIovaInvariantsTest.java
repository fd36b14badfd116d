package org.iommu4j.testkit;

import org.iommu4j.testkit.invariants.IovaInvariants;

/** The invariants hold of Linux's allocator. */
final class KernelIovaInvariantsTest extends IovaInvariants {
  @Override
  protected IovaAllocator create(int cpus) {
    return IovaAllocator.ofKernel(cpus);
  }
}
