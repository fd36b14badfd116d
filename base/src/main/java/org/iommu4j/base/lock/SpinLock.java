package org.iommu4j.base.lock;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * A lock for sections of a few dozen instructions: one compare-and-set to take, one store to give
 * back, a cache line of its own.
 *
 * <p>Not reentrant, not fair, knows no owner and no conditions. A {@code ReentrantLock} was
 * rejected because its bookkeeping costs more than the sections that it would guard. It is a {@link
 * Lock} so that the compiler's check of {@code @GuardedBy} applies to it.
 */
public final class SpinLock extends CacheLine.LockWord implements Lock {
  private static final int PAUSES_GROWTH = 8;
  private static final int MOST_PAUSES = 32;

  long after0;
  long after1;
  long after2;
  long after3;
  long after4;
  long after5;
  long after6;
  long after7;

  /** Makes a lock that nobody holds. */
  public SpinLock() {}

  @Override
  public void lock() {
    if (!tryAcquire()) {
      lockContended();
    }
  }

  // Who waits looks seldom and ever more seldom: each look takes the line from the holder, and a
  // lock that changes hands at each section costs more than the sections.
  @SuppressWarnings(
      "ThreadPriorityCheck") // The yield helps progress; nothing is right because of it.
  private void lockContended() {
    int pauses = 1;
    do {
      for (int i = 0; i < pauses; i++) {
        pause();
      }
      if (pauses < MOST_PAUSES) {
        pauses = Math.min(pauses * PAUSES_GROWTH, MOST_PAUSES);
      } else {
        // The holder may have lost its processor; spinning on would keep it from getting one.
        Thread.yield();
      }
    } while (seemsHeld() || !tryAcquire());
  }

  // Several at a time, so that no loop takes more rounds than a checker of interleavings grants.
  private static void pause() {
    Thread.onSpinWait();
    Thread.onSpinWait();
    Thread.onSpinWait();
    Thread.onSpinWait();
    Thread.onSpinWait();
    Thread.onSpinWait();
    Thread.onSpinWait();
    Thread.onSpinWait();
  }

  @Override
  public boolean tryLock() {
    return tryAcquire();
  }

  @Override
  public void unlock() {
    release();
  }

  /** Not supported: nobody should sleep for this lock. */
  @Override
  public void lockInterruptibly() {
    throw new UnsupportedOperationException("a spin lock does not sleep");
  }

  /** Not supported: nobody should sleep for this lock. */
  @Override
  public boolean tryLock(long time, TimeUnit unit) {
    throw new UnsupportedOperationException("a spin lock does not sleep");
  }

  /** Not supported: nobody should sleep for this lock. */
  @Override
  public Condition newCondition() {
    throw new UnsupportedOperationException("a spin lock does not sleep");
  }
}
