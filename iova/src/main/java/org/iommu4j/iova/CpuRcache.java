package org.iommu4j.iova;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.iommu4j.base.lock.CacheLine;
import org.iommu4j.base.lock.SpinLock;

/**
 * Freed ranges of one size order that one CPU keeps for itself: two magazines, the loaded one and a
 * spare.
 *
 * <p>Ranges in here are still in the tree. All that the CPU writes lies in one array, with a cache
 * line of nothing at either end. The loaded magazine's ends lie there too, so that a call finds it
 * empty or full by comparing two words that lie side by side; magazines are as long as the release
 * says. Thread-safe: the CPU's own calls meet those of a CPU that flushes all caches. The lock may
 * be held while the depot's or the tree's is taken.
 *
 * <p>Source: {@code drivers/iommu/iova.c:struct iova_cpu_rcache}.
 */
final class CpuRcache {
  /** Where the loaded magazine's next range goes; it is empty at its base and full at its end. */
  private static final int LOADED_NEXT = CacheLine.LONGS;

  private static final int LOADED_BASE = LOADED_NEXT + 1;
  private static final int LOADED_END = LOADED_NEXT + 2;
  private static final int LOADED_LOW = LOADED_NEXT + 3;
  private static final int SPARE_COUNT = LOADED_NEXT + 4;
  private static final int SPARE_LOW = LOADED_NEXT + 5;
  private static final int FIRST_BASE = LOADED_NEXT + 6;

  // An order that is never freed on a CPU needs no memory there. It is empty and full.
  private static final long[] UNUSED = new long[FIRST_BASE];

  /** Ranges in a magazine. */
  private final int magazineRanges;

  /** Where the two magazines begin, added up. */
  private final int basesSum;

  private final IovaRanges ranges;
  private final Depot depot;

  /** The page after those below 4 GiB. How many of its ranges start there a magazine knows. */
  private final long lowEndPfn;

  private final SpinLock lock = new SpinLock();

  @GuardedBy("lock") private long[] words = UNUSED;

  CpuRcache(IovaRules rules, IovaRanges ranges, Depot depot, long lowEndPfn) {
    this.magazineRanges = rules.magazineRanges();
    this.basesSum = 2 * FIRST_BASE + magazineRanges;
    this.ranges = ranges;
    this.depot = depot;
    this.lowEndPfn = lowEndPfn;
  }

  /**
   * Takes the newest range that starts at the limit or below it; returns 0 if there is none.
   *
   * <p>Only the loaded magazine is looked at: the spare and the depot serve if it is empty, not if
   * all that it holds is too high. A range at pfn 0 is lost, as 0 means none.
   *
   * <p>Source: {@code drivers/iommu/iova.c:__iova_rcache_get}, {@code iova_magazine_pop}.
   */
  long pop(long limitPfn) {
    lock.lock();
    try {
      if (words[LOADED_NEXT] == words[LOADED_BASE] && !load()) {
        return 0;
      }
      long[] w = words;
      // Once space below 4 GiB is crowded, most requests for it find none here.
      if (w[LOADED_LOW] == 0 && Pfns.below(limitPfn, lowEndPfn)) {
        return 0;
      }
      int base = (int) w[LOADED_BASE];
      int last = (int) w[LOADED_NEXT] - 1;
      int at = newestAtOrBelow(w, base, last, limitPfn);
      if (at < base) {
        return 0;
      }
      long pfn = w[at];
      w[at] = w[last];
      w[LOADED_NEXT] = last;
      w[LOADED_LOW] -= low(pfn);
      return pfn;
    } finally {
      lock.unlock();
    }
  }

  private int low(long pfn) {
    return Pfns.below(pfn, lowEndPfn) ? 1 : 0;
  }

  private static int newestAtOrBelow(long[] pfns, int base, int last, long limitPfn) {
    for (int at = last; at >= base; at--) {
      if (!Pfns.below(limitPfn, pfns[at])) {
        return at;
      }
    }
    return base - 1;
  }

  /** Loads the spare or a magazine of the depot in place of an empty one. */
  @GuardedBy("lock") private boolean load() {
    if (words[SPARE_COUNT] != 0) {
      swap();
      return true;
    }
    if (words == UNUSED) {
      prepare();
    }
    if (!depot.take(words, (int) words[LOADED_BASE])) {
      return false;
    }
    words[LOADED_NEXT] = words[LOADED_END];
    countLow();
    return true;
  }

  @GuardedBy("lock") private void countLow() {
    long[] w = words;
    int end = (int) w[LOADED_END];
    int count = 0;
    for (int at = (int) w[LOADED_BASE]; at < end; at++) {
      count += low(w[at]);
    }
    w[LOADED_LOW] = count;
  }

  /**
   * Keeps a range for later.
   *
   * <p>With both magazines full the loaded one goes to the depot, or if that is full, its ranges go
   * back to the tree.
   *
   * <p>Source: {@code drivers/iommu/iova.c:__iova_rcache_insert}.
   */
  void push(long pfn) {
    lock.lock();
    try {
      if (words[LOADED_NEXT] == words[LOADED_END]) {
        makeRoom();
      }
      long[] w = words;
      int next = (int) w[LOADED_NEXT];
      w[next] = pfn;
      w[LOADED_NEXT] = next + 1L;
      w[LOADED_LOW] += low(pfn);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock") private void makeRoom() {
    if (words == UNUSED) {
      prepare();
      return;
    }
    if (words[SPARE_COUNT] != magazineRanges) {
      swap();
      return;
    }
    int base = (int) words[LOADED_BASE];
    if (!depot.put(words, base)) {
      ranges.freeAll(words, base, base + magazineRanges);
    }
    empty();
  }

  /**
   * Gives the ranges of both magazines back to the tree; the depot keeps its own.
   *
   * <p>Source: {@code drivers/iommu/iova.c:free_cpu_cached_iovas}.
   */
  void drain() {
    lock.lock();
    try {
      drainLoaded();
      if (words[SPARE_COUNT] != 0) {
        swap();
        drainLoaded();
        swap();
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock") private void drainLoaded() {
    if (words[LOADED_NEXT] != words[LOADED_BASE]) {
      ranges.freeAll(words, (int) words[LOADED_BASE], (int) words[LOADED_NEXT]);
      empty();
    }
  }

  @GuardedBy("lock") private void empty() {
    words[LOADED_NEXT] = words[LOADED_BASE];
    words[LOADED_LOW] = 0;
  }

  @GuardedBy("lock") private void swap() {
    long count = words[LOADED_NEXT] - words[LOADED_BASE];
    useMagazine(basesSum - words[LOADED_BASE], words[SPARE_COUNT]);
    words[SPARE_COUNT] = count;
    long low = words[LOADED_LOW];
    words[LOADED_LOW] = words[SPARE_LOW];
    words[SPARE_LOW] = low;
  }

  @GuardedBy("lock") private void useMagazine(long base, long count) {
    words[LOADED_BASE] = base;
    words[LOADED_NEXT] = base + count;
    words[LOADED_END] = base + magazineRanges;
  }

  @GuardedBy("lock") private void prepare() {
    words = new long[FIRST_BASE + 2 * magazineRanges + CacheLine.LONGS];
    useMagazine(FIRST_BASE, 0);
  }
}
