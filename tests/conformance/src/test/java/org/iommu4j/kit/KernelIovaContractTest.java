package org.iommu4j.kit;

import org.iommu4j.testkit.IovaAllocator;
import org.iommu4j.testkit.contract.IovaAllocatorContract;

/** Linux's allocator keeps the contract. */
final class KernelIovaContractTest extends IovaAllocatorContract {
  @Override
  protected IovaAllocator create(int cpus) {
    return IovaAllocator.ofKernel(cpus);
  }
}
