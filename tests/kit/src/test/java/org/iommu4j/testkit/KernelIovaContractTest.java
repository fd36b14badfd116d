package org.iommu4j.testkit;

import org.iommu4j.testkit.contract.IovaAllocatorContract;

/** Linux's allocator keeps the contract. */
final class KernelIovaContractTest extends IovaAllocatorContract {
  @Override
  protected IovaAllocator create(int cpus) {
    return IovaAllocator.ofKernel(cpus);
  }
}
