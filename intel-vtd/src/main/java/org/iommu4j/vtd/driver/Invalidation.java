package org.iommu4j.vtd.driver;

/**
 * How software makes a unit forget what it has cached. Every call returns when the hardware is
 * done. Thread-safe; allocates nothing.
 *
 * <p>Granularities are those of {@link org.iommu4j.vtd.hw.format.RegisterBits.Granularity}.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct iommu_flush}.
 */
interface Invalidation {
  /** Invalidates context entries: all, those of a domain, or that of one requester. */
  void contexts(int granularity, int domainId, int sourceId);

  /**
   * Invalidates translations: all, those of a domain, or 2^mask pages of one.
   *
   * @param leavesOnly whether tables above the leaves are as they were
   */
  void iotlb(int granularity, int domainId, long iova, int addressMask, boolean leavesOnly);

  /**
   * Makes a function forget 2^{@code addressMask} pages that it caches itself. Only a unit with a
   * queue has such functions.
   *
   * @param physicalFunctionId what the unit counts pending invalidations under, or 0
   * @param queueDepth how many the function takes at a time, 0 if it shares its queue
   */
  default void deviceTlb(
      int sourceId, int physicalFunctionId, int queueDepth, long iova, int addressMask) {
    throw new AssertionError("a unit without a queue cannot reach a device TLB");
  }

  /**
   * Invalidates what is cached of an address space of a domain's devices. Only a unit with a queue
   * has scalable mode.
   */
  default void pasids(int domainId, int pasid) {
    throw new AssertionError("a unit without a queue has no scalable mode");
  }

  /** Invalidates all translations of an address space of a domain. */
  default void addressSpace(int domainId, int pasid) {
    throw new AssertionError("a unit without a queue has no scalable mode");
  }

  /**
   * Invalidates 2^mask pages of an address space of a domain.
   *
   * @param leavesOnly whether tables above the leaves are as they were
   */
  default void addressSpacePages(
      int domainId, int pasid, long iova, int addressMask, boolean leavesOnly) {
    throw new AssertionError("a unit without a queue has no scalable mode");
  }
}
