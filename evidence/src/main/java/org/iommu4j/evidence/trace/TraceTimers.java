package org.iommu4j.evidence.trace;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.Timers;
import org.iommu4j.evidence.trace.Schedule.Moment;
import org.jspecify.annotations.Nullable;

/**
 * Timers that expire between two calls of a trace: where the trace tells it or the schedule says,
 * or else at the usual time after they were armed. Not thread-safe: a replay is one thread's work.
 */
final class TraceTimers implements Timers {
  private final Schedule schedule;
  private final FlushWindow window;
  private final TimerEvents told;
  private final List<TraceTimer> timers = new ArrayList<>();
  private final List<Expiry> expiries = new ArrayList<>();
  private int position;
  private long nowNanos;
  private @Nullable TraceEvent now;

  /**
   * A timer that expired, or has not by the end.
   *
   * @param timer its number
   * @param armedAt the position of the call that armed it
   * @param firedBefore the position of the call that it fired before; of none, one too large
   * @param cpu where it fired, or is to
   * @param told whether the trace tells it
   */
  record Expiry(int timer, int armedAt, int firedBefore, int cpu, boolean told) {}

  TraceTimers(Schedule schedule, FlushWindow window, TimerEvents told) {
    this.schedule = schedule;
    this.window = window;
    this.told = told;
  }

  /** Moves on to a call, and lets expire what does before it. */
  void moveTo(int callPosition, TraceEvent call) {
    position = callPosition;
    nowNanos = call.nanos();
    now = call;
    for (int i = 0; i < timers.size(); i++) {
      timers.get(i).fireIfDue();
    }
  }

  /** Returns all expiries in their order, those that are still to come last. */
  List<Expiry> expiries(int calls) {
    List<Expiry> all = new ArrayList<>(expiries);
    for (TraceTimer timer : timers) {
      if (timer.armed) {
        all.add(
            new Expiry(timer.number, timer.armedAt, calls, timer.cpu, timer.toldExpiry != null));
      }
    }
    return all;
  }

  @Override
  public Timer newTimer(Timers.Expiry expiry) {
    TraceTimer timer = new TraceTimer(timers.size(), expiry);
    timers.add(timer);
    return timer;
  }

  @Override
  public long nowMillis() {
    return Math.max(0, nowNanos) / 1_000_000;
  }

  private final class TraceTimer implements Timer {
    final int number;
    private final Timers.Expiry expiry;
    private boolean armed;
    private int armedAt;
    private long armedNanos;
    private int cpu;
    private @Nullable TimerEvent toldExpiry;

    TraceTimer(int number, Timers.Expiry expiry) {
      this.number = number;
      this.expiry = expiry;
    }

    void fireIfDue() {
      if (!armed) {
        return;
      }
      Moment chosen = schedule.moment(number, armedAt).orElse(null);
      TimerEvent event = toldExpiry;
      if (event != null) {
        if (now != null && now.line() > event.line()) {
          fire(event.cpu());
        }
      } else if (chosen == null
          ? window.isUsual(armedNanos, nowNanos)
          : position >= chosen.before()) {
        fire(chosen == null ? cpu : chosen.cpu());
      }
    }

    private void fire(int firedOn) {
      armed = false;
      expiries.add(new Expiry(number, armedAt, position, firedOn, toldExpiry != null));
      expiry.expired(firedOn);
    }

    @Override
    public void arm(int onCpu, long delayMillis) {
      armed = true;
      armedAt = position;
      armedNanos = nowNanos;
      cpu = onCpu;
      toldExpiry = now == null ? null : told.expiryOf(now);
    }

    @Override
    public void cancel() {
      armed = false;
    }
  }
}
