package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * When flush timers expired, where a trace tells it: only if somebody asked for {@code
 * timer:timer_start} and {@code timer:timer_expire_entry}. Not changed once it is made.
 */
final class TimerEvents {
  /**
   * The expiry of each timer that was started and expired, by the CPU and the line of its start.
   */
  private final Map<Integer, NavigableMap<Integer, TimerEvent>> expiries = new HashMap<>();

  private final boolean told;

  TimerEvents(ImmutableList<TimerEvent> events) {
    this.told = !events.isEmpty();
    Map<String, TimerEvent> next = new HashMap<>();
    for (TimerEvent event : events.reverse()) {
      if (event.expired()) {
        next.put(event.timer(), event);
        continue;
      }
      TimerEvent expiry = next.remove(event.timer());
      if (expiry != null) {
        expiries.computeIfAbsent(event.cpu(), unused -> new TreeMap<>()).put(event.line(), expiry);
      }
    }
  }

  /** Returns whether the trace tells anything of flush timers. */
  boolean areTold() {
    return told;
  }

  /**
   * Returns where the timer expired that a call armed.
   *
   * @param call the call's first event, which is written after the arming, on the same CPU
   * @return null if that is not told
   */
  @Nullable TimerEvent expiryOf(TraceEvent call) {
    NavigableMap<Integer, TimerEvent> ofCpu = expiries.get(call.cpu());
    Map.Entry<Integer, TimerEvent> last = ofCpu == null ? null : ofCpu.lowerEntry(call.line());
    return last == null || last.getValue().line() < call.line() ? null : last.getValue();
  }
}
