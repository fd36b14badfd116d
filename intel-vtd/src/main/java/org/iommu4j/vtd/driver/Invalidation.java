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
}
