package org.iommu4j.iova;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@link IovaRanges} answers, worked out the slow way: a sorted list, looked through gap by
 * gap.
 *
 * <p>Page frame numbers are below 2^62 here, so plain signed arithmetic does.
 */
final class NaiveRanges {
  private static final class Range {
    long lo;
    final long hi;

    Range(long lo, long hi) {
      this.lo = lo;
      this.hi = hi;
    }
  }

  private final long startPfn;
  private final long dma32Pfn;
  private final GapSearch search;
  private final List<Range> sorted = new ArrayList<>();
  private Range lastHigh;
  private Range lastLow;
  private long hopelessLowPages;

  NaiveRanges(long startPfn, long dma32Pfn) {
    this(startPfn, dma32Pfn, GapSearch.BELOW_LAST_PLACED);
  }

  NaiveRanges(long startPfn, long dma32Pfn, GapSearch search) {
    this.search = search;
    this.startPfn = startPfn;
    this.dma32Pfn = dma32Pfn;
    hopelessLowPages = dma32Pfn;
    lastHigh = new Range(Long.MAX_VALUE, Long.MAX_VALUE);
    lastLow = lastHigh;
    sorted.add(lastHigh);
  }

  long alloc(long pages, long limitPfn, boolean aligned) {
    boolean low = limitPfn < dma32Pfn;
    if (low && pages >= hopelessLowPages) {
      return -1;
    }
    long alignment = 1;
    while (aligned && alignment < pages) {
      alignment *= 2;
    }
    int top = sorted.size() - 1;
    int last = sorted.indexOf(low ? lastLow : lastHigh);
    int from = search == Rules.HIGHEST_OF_ALL ? top : last;
    long pfn = place(from, 0, pages, limitPfn, alignment);
    if (pfn < 0 && search == GapSearch.BELOW_LAST_PLACED_THEN_ABOVE) {
      pfn = place(top, last + 1, pages, limitPfn, alignment);
    }
    if (pfn < 0) {
      hopelessLowPages = pages;
    }
    return pfn;
  }

  /** Looks at the gaps below the ranges from one index down to another. */
  private long place(int from, int to, long pages, long limitPfn, long alignment) {
    for (int above = from; above >= to; above--) {
      long end = Math.min(limitPfn + 1, sorted.get(above).lo);
      long floor = above == 0 ? startPfn : Math.max(startPfn, sorted.get(above - 1).hi + 1);
      long lo = Math.floorDiv(end - pages, alignment) * alignment;
      if (lo >= floor) {
        Range placed = new Range(lo, lo + pages - 1);
        sorted.add(above, placed);
        if (placed.hi < dma32Pfn) {
          lastLow = placed;
        } else {
          lastHigh = placed;
        }
        return lo;
      }
    }
    return -1;
  }

  boolean free(long pfn) {
    for (int i = 0; i < sorted.size() - 1; i++) {
      Range range = sorted.get(i);
      if (range.lo <= pfn && pfn <= range.hi) {
        Range above = sorted.get(i + 1);
        if (range == lastLow || (range.hi < dma32Pfn && range.lo >= lastLow.lo)) {
          lastLow = above;
        }
        if (range.lo >= lastHigh.lo) {
          lastHigh = above;
        }
        if (range.lo < dma32Pfn) {
          hopelessLowPages = dma32Pfn;
        }
        sorted.remove(i);
        return true;
      }
    }
    return false;
  }

  IovaRange reserve(long lo, long hi) {
    long uncovered = lo;
    int at = 0;
    for (; sorted.get(at).lo <= hi; at++) {
      Range range = sorted.get(at);
      if (range.hi >= lo) {
        range.lo = Math.min(range.lo, uncovered);
        if (range.hi >= hi) {
          return new IovaRange(range.lo, range.hi);
        }
        uncovered = range.hi + 1;
      }
    }
    sorted.add(at, new Range(uncovered, hi));
    return new IovaRange(uncovered, hi);
  }

  List<IovaRange> ranges() {
    return sorted.subList(0, sorted.size() - 1).stream()
        .map(range -> new IovaRange(range.lo, range.hi))
        .toList();
  }

  long lastHighPfn() {
    return lastHigh.lo == Long.MAX_VALUE ? -1 : lastHigh.lo;
  }

  long lastLowPfn() {
    return lastLow.lo == Long.MAX_VALUE ? -1 : lastLow.lo;
  }

  long hopelessLowPages() {
    return hopelessLowPages;
  }
}
