package org.iommu4j.evidence.trace;

import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A flush timer that was armed or expired, where a trace tells it. Immutable.
 *
 * <p>Source: {@code include/trace/events/timer.h}.
 *
 * @param line the number of the event's line
 * @param cpu the CPU that wrote it
 * @param expired whether the timer expired there
 * @param timer the timer's address
 */
@Immutable
record TimerEvent(int line, int cpu, boolean expired, String timer) {
  static final String START = "timer_start";
  static final String EXPIRE = "timer_expire_entry";

  private static final Pattern OF_FLUSH_QUEUE =
      Pattern.compile("timer=(\\S{1,40}) function=fq_flush_timeout(?: .*)?");

  /** Returns the event of a line, if it is one of a flush queue's timer. */
  static Optional<TimerEvent> of(int line, TraceLine parts) {
    boolean expired = parts.name().equals(EXPIRE);
    if (!expired && !parts.name().equals(START)) {
      return Optional.empty();
    }
    Matcher matcher = OF_FLUSH_QUEUE.matcher(parts.printed());
    return matcher.matches()
        ? Optional.of(new TimerEvent(line, parts.cpu(), expired, matcher.group(1)))
        : Optional.empty();
  }
}
