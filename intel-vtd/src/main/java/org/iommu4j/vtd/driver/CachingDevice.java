package org.iommu4j.vtd.driver;

/**
 * A function that caches translations, as its domain flushes it. Immutable; thread-safe.
 *
 * @param unit the unit that it asks
 * @param sourceId its requester id
 * @param physicalFunctionId what the unit counts its pending invalidations under, or 0
 * @param queueDepth how many it takes at a time, 0 if it shares its queue
 */
record CachingDevice(VtdUnit unit, int sourceId, int physicalFunctionId, int queueDepth) {
  /** Makes the device forget 2^{@code addressMask} pages. */
  void flush(long iova, int addressMask) {
    unit.invalidation().deviceTlb(sourceId, physicalFunctionId, queueDepth, iova, addressMask);
  }
}
