package org.iommu4j.iova;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;
import org.iommu4j.base.lock.SpinLock;

/**
 * Full magazines of one size order that any CPU may take: a stack of up to 32.
 *
 * <p>Magazines are copied in and out, one copy for every 128 ranges, and their memory is kept, so
 * that passing ranges from CPU to CPU makes no garbage. Thread-safe.
 *
 * <p>Source: {@code include/linux/iova.h:struct iova_rcache}.
 */
final class Depot {
  /** Magazines that fit: {@code MAX_GLOBAL_MAGS}. */
  static final int CAPACITY = 32;

  private static final long[] UNUSED = {};

  private final SpinLock lock = new SpinLock();

  @GuardedBy("lock") private final long[][] magazines = new long[CAPACITY][];

  @GuardedBy("lock") private int count;

  Depot() {
    Arrays.fill(magazines, UNUSED);
  }

  /** Puts a full magazine on the stack; returns false if the stack is full. */
  boolean put(long[] pfns, int from) {
    lock.lock();
    try {
      if (count == CAPACITY) {
        return false;
      }
      if (magazines[count] == UNUSED) {
        magazines[count] = new long[CpuRcache.MAGAZINE_PFNS];
      }
      System.arraycopy(pfns, from, magazines[count], 0, CpuRcache.MAGAZINE_PFNS);
      count++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the magazine that was put last; returns false if there is none. */
  boolean take(long[] pfns, int to) {
    lock.lock();
    try {
      if (count == 0) {
        return false;
      }
      count--;
      System.arraycopy(magazines[count], 0, pfns, to, CpuRcache.MAGAZINE_PFNS);
      return true;
    } finally {
      lock.unlock();
    }
  }
}
