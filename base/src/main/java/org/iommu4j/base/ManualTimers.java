package org.iommu4j.base;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Timers whose time stands still until it is moved.
 *
 * <p>Timers expire in the order of their times, those of one time in the order in which they were
 * armed, on the thread that moves the time. Thread-safe. The lock of running expiries is taken
 * before any lock of what they run; the other one is the innermost.
 */
public final class ManualTimers implements Timers {
  private final Object running = new Object();
  private final Object state = new Object();

  @GuardedBy("state") private final PriorityQueue<ManualTimer> armed =
      new PriorityQueue<>(
          Comparator.<ManualTimer>comparingLong(timer -> timer.dueMillis)
              .thenComparingLong(timer -> timer.sequence));

  @GuardedBy("state") private long nowMillis;

  @GuardedBy("state") private long nextSequence;

  /** Makes timers at time 0. */
  public ManualTimers() {}

  @Override
  public Timer newTimer(Expiry expiry) {
    return new ManualTimer(expiry);
  }

  /** Returns the time in milliseconds since these timers were made. */
  @Override
  public long nowMillis() {
    synchronized (state) {
      return nowMillis;
    }
  }

  /**
   * Moves the time and runs what expires on the way, each at its own time; what that arms within
   * the stretch runs too.
   *
   * @param millis how far, 0 or more
   */
  public void advance(long millis) {
    checkArgument(millis >= 0, "time cannot go back by %s ms", millis);
    synchronized (running) {
      long endMillis = Math.addExact(nowMillis(), millis);
      for (ManualTimer next = nextDue(endMillis); next != null; next = nextDue(endMillis)) {
        next.expiry.expired(next.cpu);
      }
    }
  }

  /** Moves the time to the next timer due by then and disarms it, or to the end if none is left. */
  private @Nullable ManualTimer nextDue(long endMillis) {
    synchronized (state) {
      ManualTimer first = armed.peek();
      if (first == null || first.dueMillis > endMillis) {
        nowMillis = endMillis;
        return null;
      }
      armed.remove();
      nowMillis = first.dueMillis;
      return first;
    }
  }

  private final class ManualTimer implements Timer {
    private final Expiry expiry;
    private long dueMillis;
    private long sequence;
    private volatile int cpu;

    ManualTimer(Expiry expiry) {
      this.expiry = expiry;
    }

    @Override
    public void arm(int onCpu, long delayMillis) {
      checkArgument(delayMillis >= 0, "timer %s ms ago", delayMillis);
      synchronized (state) {
        armed.remove(this);
        cpu = onCpu;
        dueMillis = Math.addExact(nowMillis, delayMillis);
        sequence = nextSequence++;
        armed.add(this);
      }
    }

    @Override
    public void cancel() {
      synchronized (state) {
        armed.remove(this);
      }
      synchronized (running) {
        // A run that re-armed the timer is over; the arming must not outlive the call.
        synchronized (state) {
          armed.remove(this);
        }
      }
    }
  }
}
