package org.iommu4j.evidence.trace;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iova.IovaFlushQueue;
import org.iommu4j.machine.KernelConfig;

/**
 * When the flush timer can expire after it was armed, by the kernel's tick. Immutable.
 *
 * <p>Source: {@code drivers/iommu/iova.c:queue_iova}, {@code kernel/time/timer.c:calc_index}.
 *
 * @param leastNanos the shortest time
 * @param usualNanos the time that is taken for it if nothing else is known
 * @param mostNanos the longest time, with what soft interrupts can be late
 */
@Immutable
record FlushWindow(long leastNanos, long usualNanos, long mostNanos) {
  private static final long MILLI = 1_000_000;
  private static final long LATE_NANOS = 60 * MILLI;
  private static final int USUAL_HZ = 250;

  static FlushWindow of(KernelConfig config) {
    long hz = USUAL_HZ;
    for (int rate : new int[] {100, 250, 300, 1000}) {
      hz = config.isEnabled("CONFIG_HZ_" + rate) ? rate : hz;
    }
    long tick = 1_000_000_000 / hz;
    // The delay is rounded up to ticks, and the timer expires at the end of the last one's tick.
    long ticks = (IovaFlushQueue.TIMEOUT_MILLIS * MILLI + tick - 1) / tick;
    return new FlushWindow(
        ticks * tick - MILLI / 2, ticks * tick + tick / 2, (ticks + 1) * tick + LATE_NANOS);
  }

  private static boolean isKnown(long nanos) {
    return nanos != TraceEvent.NO_TIME;
  }

  /** Returns whether the usual time is over; never, where the trace tells no time. */
  boolean isUsual(long armedNanos, long nowNanos) {
    return isKnown(nowNanos) && nowNanos - armedNanos >= usualNanos;
  }

  /** Returns whether the timer can have expired by now. */
  boolean isPossible(long armedNanos, long nowNanos) {
    return !isKnown(nowNanos) || nowNanos - armedNanos >= leastNanos;
  }

  /** Returns whether the timer must have expired by now. */
  boolean isOver(long armedNanos, long nowNanos) {
    return isKnown(nowNanos) && nowNanos - armedNanos > mostNanos;
  }
}
