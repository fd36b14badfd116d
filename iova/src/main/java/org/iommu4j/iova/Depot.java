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

  private final int magazineRanges;
  private final SpinLock lock = new SpinLock();

  @GuardedBy("lock") private final long[][] magazines;

  @GuardedBy("lock") private int count;

  /** Makes an empty stack, of as many magazines as fit by the rules. */
  Depot(IovaRules rules) {
    magazineRanges = rules.magazineRanges();
    magazines = new long[rules.depotMagazines()][];
    Arrays.fill(magazines, UNUSED);
  }

  /** Puts a full magazine on the stack; returns false if the stack is full. */
  boolean put(long[] pfns, int from) {
    lock.lock();
    try {
      if (count == magazines.length) {
        return false;
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
    lock.lock();
    try {
      if (count == 0) {
        return false;
      }
      count--;
      System.arraycopy(magazines[count], 0, pfns, to, magazineRanges);
      return true;
    } finally {
      lock.unlock();
    }
  }
}
