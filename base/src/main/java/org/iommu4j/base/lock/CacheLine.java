package org.iommu4j.base.lock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Fields kept apart by class inheritance, which is the one order of fields that the virtual machine
 * keeps: what one CPU writes must not lie on a line that another CPU reads.
 */
public final class CacheLine {
  /** The {@code long} words of one line. */
  public static final int LONGS = 8;

  private CacheLine() {}

  /** A line's width of nothing in front of the fields of a subclass. */
  abstract static class Before {
    long before0;
    long before1;
    long before2;
    long before3;
    long before4;
    long before5;
    long before6;
    long before7;
  }

  /** The word of a lock. */
  abstract static class LockWord extends Before {
    private static final VarHandle HELD = heldHandle();

    // A long, since an int may be put into the gap after the object's header, in front of all.
    private volatile long held;

    private static VarHandle heldHandle() {
      try {
        return MethodHandles.lookup().findVarHandle(LockWord.class, "held", long.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    /** Takes the lock if it is free; returns whether it did. */
    final boolean tryAcquire() {
      return HELD.compareAndSet(this, 0L, 1L);
    }

    /** Returns whether anyone seems to hold the lock; a hint for those who wait. */
    final boolean seemsHeld() {
      return held != 0;
    }

    /** Gives the lock back. */
    final void release() {
      HELD.setRelease(this, 0L);
    }
  }
}
