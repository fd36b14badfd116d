package org.iommu4j.iova;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.LongConsumer;
import org.iommu4j.base.lock.CacheLine;
import org.iommu4j.base.lock.SpinLock;

/**
 * The ranges that one CPU has unmapped and that wait for a flush: a ring of 256 places, of which
 * 255 hold something at most.
 *
 * <p>Everything the CPU writes lies in one array with a cache line of nothing at either end. Not
 * thread-safe: callers hold {@link #lock}.
 *
 * <p>Source: {@code include/linux/iova.h:struct iova_fq}.
 */
final class FlushRing {
  /** Places in the ring: {@code IOVA_FQ_SIZE}. */
  static final int PLACES = 256;

  private static final int HEAD = CacheLine.LONGS;
  private static final int TAIL = HEAD + 1;
  private static final int ENTRIES = 2 * CacheLine.LONGS;
  private static final int ENTRY_WORDS = 4;
  private static final int PFN = 0;
  private static final int PAGES = 1;
  private static final int DATA = 2;
  private static final int FLUSHES_BEGUN = 3;

  /** Guards the ring; outside of all locks of the domain. */
  final SpinLock lock = new SpinLock();

  @GuardedBy("lock") private final long[] words = new long[ENTRIES + PLACES * ENTRY_WORDS + CacheLine.LONGS];

  /** Returns whether nothing more can be added. */
  @GuardedBy("lock") boolean isFull() {
    return next(words[TAIL]) == words[HEAD];
  }

  /** Adds a range to a ring that is not full, with the number of flushes begun before. */
  @GuardedBy("lock")
  void add(long pfn, long sizePages, long data, long flushesBegun) {
    int at = entry(words[TAIL]);
    words[at + PFN] = pfn;
    words[at + PAGES] = sizePages;
    words[at + DATA] = data;
    words[at + FLUSHES_BEGUN] = flushesBegun;
    words[TAIL] = next(words[TAIL]);
  }

  /**
   * Frees, oldest first, the ranges that were added before the last finished flush began.
   *
   * <p>Source: {@code drivers/iommu/iova.c:fq_ring_free}.
   */
  @GuardedBy("lock")
  void release(IovaDomain domain, int cpu, long flushesDone, LongConsumer entryDestructor) {
    while (words[HEAD] != words[TAIL]) {
      int at = entry(words[HEAD]);
      if (words[at + FLUSHES_BEGUN] >= flushesDone) {
        return;
      }
      entryDestructor.accept(words[at + DATA]);
      domain.freeFast(cpu, words[at + PFN], words[at + PAGES]);
      words[HEAD] = next(words[HEAD]);
    }
  }

  /** Passes what is still waiting to the destructor, oldest first, and leaves it there. */
  @GuardedBy("lock")
  void forEachData(LongConsumer entryDestructor) {
    for (long place = words[HEAD]; place != words[TAIL]; place = next(place)) {
      entryDestructor.accept(words[entry(place) + DATA]);
    }
  }

  private static long next(long place) {
    return (place + 1) & (PLACES - 1);
  }

  private static int entry(long place) {
    return ENTRIES + (int) place * ENTRY_WORDS;
  }
}
