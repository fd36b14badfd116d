package org.iommu4j.evidence.trace;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.iommu4j.iommu.LinuxSystem;

/**
 * The parts of one line of ftrace's text: who, where, when, and what.
 *
 * <p>The kernel writes a task's name right-aligned in 16 columns, so that a name may hold anything;
 * other tools' lines are taken where the parts can be told apart. Immutable.
 *
 * @param idle whether the CPU had nothing to do: the task's number is 0
 * @param cpu the CPU
 * @param flags the letters about interrupts and preemption; empty if there are none
 * @param nanos the time, or {@link TraceEvent#NO_TIME} for a clock that does not tell seconds
 * @param name the event's name; empty for a line of a tracer, which has none
 * @param printed what the event printed
 */
record TraceLine(boolean idle, int cpu, String flags, long nanos, String name, String printed) {
  private static final String REST =
      "-(\\d+) +(?:\\([ \\d-]+\\) +)?\\[(\\d{1,5})\\] +(?:([^ \\[\\]:]{4,5}) +)?"
          + "(\\d{1,18})(?:\\.(\\d{1,9}))?: +(.*)";
  private static final Pattern KERNELS = Pattern.compile("(.{16})" + REST, Pattern.DOTALL);
  private static final Pattern OTHERS = Pattern.compile(" *(\\S.{0,63}?) *" + REST);
  private static final Pattern PERFS =
      Pattern.compile(
          " *(\\S.{0,63}?) +(\\d+)(?:/\\d+)? +\\[(\\d{1,5})\\] +(?:([^ \\[\\]:]{4,5}) +)?"
              + "(\\d{1,18})(?:\\.(\\d{1,9}))?: +(.*)");
  private static final Pattern EVENT =
      Pattern.compile("(?:(?:" + systems() + "):)?(\\w+):(?: +(.*)|$)", Pattern.DOTALL);
  private static final int NANO_DIGITS = 9;

  // The systems whose events may be written with their names: the core's, and the drivers' own.
  private static String systems() {
    return Stream.concat(
            Stream.of("iommu"),
            LinuxSystem.vendors().stream()
                .flatMap(vendor -> Optional.ofNullable(vendor.words().traceSystem()).stream()))
        .map(Pattern::quote)
        .collect(Collectors.joining("|"));
  }

  /** Returns the parts of a line, if it is one of an event. */
  static Optional<TraceLine> parse(String line) {
    for (Pattern form : new Pattern[] {KERNELS, OTHERS, PERFS}) {
      Matcher matcher = form.matcher(line);
      if (matcher.matches()) {
        return Optional.of(of(matcher));
      }
    }
    return Optional.empty();
  }

  private static TraceLine of(Matcher matcher) {
    String flags = matcher.group(4);
    String fraction = matcher.group(6);
    Matcher event = EVENT.matcher(matcher.group(7));
    boolean named = event.matches();
    String printed = named ? event.group(2) : matcher.group(7);
    return new TraceLine(
        matcher.group(2).matches("0+"),
        Integer.parseInt(matcher.group(3)),
        flags == null ? "" : flags,
        fraction == null ? TraceEvent.NO_TIME : nanos(matcher.group(5), fraction),
        named ? event.group(1) : "",
        printed == null ? "" : printed);
  }

  private static long nanos(String seconds, String fraction) {
    String padded = fraction + "0".repeat(NANO_DIGITS - fraction.length());
    return Long.parseLong(seconds) % 1_000_000_000L * 1_000_000_000L + Long.parseLong(padded);
  }
}
