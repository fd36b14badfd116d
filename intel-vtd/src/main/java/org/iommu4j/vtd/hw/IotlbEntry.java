package org.iommu4j.vtd.hw;

import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.jspecify.annotations.Nullable;

/** A cached translation of one page of one domain, or in caching mode a cached refusal. */
final class IotlbEntry {
  final int domainId;
  final int level;
  final long pageNumber;
  final long offsetMask;
  final long pagePhys;
  final boolean readable;
  final boolean writable;
  final @Nullable FaultReason fault;

  /** Caches what a walk found, or a refusal of one 4 KiB page where it found a fault. */
  IotlbEntry(int domainId, PageTableWalk walk) {
    this.domainId = domainId;
    this.fault = walk.fault();
    this.level = fault == null ? walk.leafLevel() : 1;
    this.offsetMask = SecondLevelEntry.pageBytes(level) - 1;
    this.pageNumber = walk.iova() >>> SecondLevelEntry.shift(level);
    this.pagePhys = fault == null ? walk.pagePhys() : 0;
    this.readable = walk.isReadable();
    this.writable = walk.isWritable();
  }

  /** Returns whether the entry is of this domain, level and page. */
  boolean matches(int domain, int pageLevel, long page) {
    return pageNumber == page && domainId == domain && level == pageLevel;
  }

  /** Returns whether the entry is of this domain and overlaps {@code [firstPfn, lastPfn]}. */
  boolean overlaps(int domain, long firstPfn, long lastPfn) {
    int pagesShift = SecondLevelEntry.shift(level) - 12;
    long first = pageNumber << pagesShift;
    long last = first + (1L << pagesShift) - 1;
    return domainId == domain && first <= lastPfn && last >= firstPfn;
  }

  boolean grants(Access access) {
    return fault == null && hasRight(access);
  }

  private boolean hasRight(Access access) {
    return access == Access.READ ? readable : writable;
  }

  /** Returns why the entry refuses this access, given that it does; a right that lacks is first. */
  FaultReason refusal(Access access) {
    return fault == null || !hasRight(access) ? access.denied() : fault;
  }

  long translate(long iova) {
    return pagePhys | (iova & offsetMask);
  }
}
