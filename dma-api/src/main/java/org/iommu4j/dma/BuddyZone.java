package org.iommu4j.dma;

import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A binary-buddy allocator of frames: free blocks of 2^order frames, aligned to their size.
 *
 * <p>Deterministic: the lowest address among the smallest blocks that fit. Not thread-safe; {@link
 * FrameAllocator} guards it.
 */
final class BuddyZone {
  private final Map<Integer, NavigableSet<Long>> freeByOrder = new TreeMap<>();

  /** Adds the frames {@code [startPfn, endPfn)}, cut into the largest aligned blocks. */
  void add(long startPfn, long endPfn) {
    for (long pfn = startPfn; pfn < endPfn; ) {
      int aligned = Math.min(Long.numberOfTrailingZeros(pfn), PhysicalMemory.ADDRESS_BITS);
      int order = Math.min(aligned, 63 - Long.numberOfLeadingZeros(endPfn - pfn));
      free(order).add(pfn);
      pfn += 1L << order;
    }
  }

  /** Takes 2^order frames; returns the first one's number or -1 if there is no such block. */
  long allocate(int order) {
    for (Map.Entry<Integer, NavigableSet<Long>> entry : freeByOrder.entrySet()) {
      if (entry.getKey() < order || entry.getValue().isEmpty()) {
        continue;
      }
      long pfn = entry.getValue().first();
      entry.getValue().remove(pfn);
      split(pfn, entry.getKey(), order);
      return pfn;
    }
    return -1;
  }

  private void split(long pfn, int fromOrder, int toOrder) {
    for (int order = fromOrder - 1; order >= toOrder; order--) {
      free(order).add(pfn + (1L << order));
    }
  }

  /** Gives 2^order frames back and merges them with free buddies. */
  void release(long pfn, int order) {
    long block = pfn;
    int size = order;
    while (size < PhysicalMemory.ADDRESS_BITS
        && free(size).remove(Long.valueOf(block ^ (1L << size)))) {
      block &= ~(1L << size);
      size++;
    }
    free(size).add(block);
  }

  private NavigableSet<Long> free(int order) {
    return freeByOrder.computeIfAbsent(order, unused -> new TreeSet<>());
  }
}
