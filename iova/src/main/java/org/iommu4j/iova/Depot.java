package org.iommu4j.iova;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;
import org.iommu4j.base.lock.SpinLock;

/**
 * Full magazines of one size order that any CPU may take: a stack.
 *
 * <p>Magazines are copied in and out as a whole, and their memory is kept, so that passing ranges
 * from CPU to CPU makes no garbage. Thread-safe.
 *
 * <p>Source: {@code include/linux/iova.h:struct iova_rcache}.
 */
final class Depot {
  private static final long[] UNUSED = {};

  /** Places for magazines to begin with. */
  private static final int FEW = 32;

  private final int magazineRanges;
  private final int capacity;
  private final SpinLock lock = new SpinLock();

  @GuardedBy("lock") private long[][] magazines;

  @GuardedBy("lock") private int count;

  /** Makes an empty stack, of as many magazines as fit by the rules. */
  Depot(IovaRules rules) {
    magazineRanges = rules.magazineRanges();
    capacity = rules.depot().magazines();
    magazines = new long[Math.min(capacity, FEW)][];
    Arrays.fill(magazines, UNUSED);
  }

  /** Puts a full magazine on the stack; returns false if the stack is full. */
  boolean put(long[] pfns, int from) {
    lock.lock();
    try {
      if (count == capacity) {
        return false;
      }
      if (count == magazines.length) {
        magazines = Arrays.copyOf(magazines, (int) Math.min(2L * count, capacity));
        Arrays.fill(magazines, count, magazines.length, UNUSED);
      }
      if (magazines[count] == UNUSED) {
        magazines[count] = new long[magazineRanges];
      }
      System.arraycopy(pfns, from, magazines[count], 0, magazineRanges);
      count++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the magazine that was put last; returns false if there is none. */
  boolean take(long[] pfns, int to) {
    return takeAbove(0, pfns, to);
  }

  /** Takes the magazine that was put last if there are more than so many. */
  boolean takeAbove(int kept, long[] pfns, int to) {
    lock.lock();
    try {
      if (count <= kept) {
        return false;
      }
      count--;
      System.arraycopy(magazines[count], 0, pfns, to, magazineRanges);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives the ranges of all magazines back to the tree.
   *
   * <p>Source: {@code drivers/iommu/iova.c:free_global_cached_iovas}.
   */
  void drain(IovaRanges ranges) {
    lock.lock();
    try {
      while (count > 0) {
        count--;
        ranges.freeAll(magazines[count], 0, magazineRanges);
      }
    } finally {
      lock.unlock();
    }
  }
}
