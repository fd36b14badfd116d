package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.machine.input.BadInputException;

/** Reads the text of a trace, line by line. Used once. */
final class TraceParser {
  private static final Pattern HEADER =
      Pattern.compile(
          "# entries-in-buffer/entries-written: (\\d{1,18})/(\\d{1,18}) +#P:(\\d{1,5})");
  private static final Pattern LOST =
      Pattern.compile("CPU:\\d+ \\[LOST(?: (\\d{1,18}))? EVENTS\\](?: .*)?");
  private static final Pattern STARTED = Pattern.compile("#+ CPU \\d+ buffer started #+");
  private static final Pattern REPORTS_CPUS = Pattern.compile("cpus=(\\d{1,5})");
  private static final int CPUS_LIMIT = 8192;
  private static final int TASK_COLUMNS = 16;

  private final String name;
  private final ImmutableList.Builder<TraceEvent> events = ImmutableList.builder();
  private final ImmutableList.Builder<TimerEvent> timers = ImmutableList.builder();
  private final SortedMap<String, Integer> others = new TreeMap<>();
  private long lostEvents;
  private long overwrittenEvents;
  private long announcedEvents;
  private long seenEvents;
  private int cpus = 1;
  private boolean afterOther;

  private TraceParser(String name) {
    this.name = name;
  }

  static Trace parse(String name, String text) {
    TraceParser parser = new TraceParser(name);
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (!parser.take(i + 1, lines.get(i))) {
        // A task's name may hold a line feed, which breaks its line in two.
        boolean broken = lines.get(i).length() < TASK_COLUMNS && i + 1 < lines.size();
        if (!broken || !parser.take(i + 1, lines.get(i) + "\n" + lines.get(i + 1))) {
          throw parser.bad(
              i + 1, "a line of a trace is TASK-PID [CPU] FLAGS TIME: EVENT", lines.get(i));
        }
        i++;
      }
    }
    if (lines.isEmpty()) {
      throw parser.bad(1, "a trace has at least one line", "it is empty");
    }
    return new Trace(parser);
  }

  private boolean take(int number, String line) {
    if (line.indexOf('\0') >= 0) {
      return false;
    }
    if (line.isBlank() || line.startsWith("#") || STARTED.matcher(line).matches()) {
      header(line);
      return true;
    }
    Optional<TraceLine> parts = TraceLine.parse(line);
    if (parts.isPresent()) {
      event(number, line, parts.get());
      return true;
    }
    return isAboutTheTrace(number, line);
  }

  private void header(String line) {
    Matcher matcher = HEADER.matcher(line);
    if (matcher.matches()) {
      long kept = Long.parseLong(matcher.group(1));
      announcedEvents = kept;
      overwrittenEvents = Math.max(0, Long.parseLong(matcher.group(2)) - kept);
      cpus = Math.max(cpus, Math.min(CPUS_LIMIT, Integer.parseInt(matcher.group(3))));
    }
  }

  // Lost events, a stack below the event that it belongs to, and more of what a marker printed.
  private boolean isAboutTheTrace(int number, String line) {
    Matcher lost = LOST.matcher(line);
    if (lost.matches()) {
      lostEvents += lost.group(1) == null ? 1 : Long.parseLong(lost.group(1));
      return true;
    }
    Matcher report = REPORTS_CPUS.matcher(line);
    if (number <= 2 && report.matches()) {
      cpus = Math.max(1, Math.min(CPUS_LIMIT, Integer.parseInt(report.group(1))));
      return true;
    }
    return line.startsWith(" => ") || line.startsWith("=> ") || afterOther;
  }

  private void event(int number, String line, TraceLine parts) {
    if (parts.cpu() >= CPUS_LIMIT) {
      throw bad(number, "a CPU's number is below 8192", line);
    }
    cpus = Math.max(cpus, parts.cpu() + 1);
    seenEvents++;
    Optional<EventKind> kind = EventKind.of(parts.name(), parts.printed());
    afterOther = kind.isEmpty();
    if (kind.isEmpty()) {
      Optional<TimerEvent> timer = TimerEvent.of(number, parts);
      if (timer.isPresent()) {
        timers.add(timer.get());
        return;
      }
      others.merge(parts.name(), 1, Integer::sum);
      return;
    }
    Matcher matcher = kind.get().details().matcher(parts.printed());
    if (!matcher.matches()) {
      throw bad(number, parts.name() + " prints what the kernel's tracepoint prints", line);
    }
    TraceEvent event = event(number, parts, kind.get(), matcher);
    checkNumbers(event, line);
    events.add(event);
  }

  private static TraceEvent event(int number, TraceLine parts, EventKind kind, Matcher matcher) {
    return new TraceEvent(
        number,
        parts.name() + ": " + parts.printed().stripTrailing(),
        parts.cpu(),
        parts.idle(),
        TraceContext.of(parts.flags()),
        parts.nanos(),
        kind,
        text(matcher, "dev"),
        number(matcher, "addr", 16),
        number(matcher, "phys", 16),
        number(matcher, "size", 10),
        (int) number(matcher, "index", 10),
        (int) number(matcher, "total", 10));
  }

  private static String text(Matcher matcher, String group) {
    return matcher.pattern().pattern().contains("(?<" + group + ">") ? matcher.group(group) : "";
  }

  private static long number(Matcher matcher, String group, int radix) {
    String text = text(matcher, group);
    return text.isEmpty() ? 0 : Long.parseUnsignedLong(text, radix);
  }

  private void checkNumbers(TraceEvent event, String line) {
    String broken = EventRules.brokenBy(event);
    if (broken != null) {
      throw bad(event.line(), broken, line);
    }
  }

  private BadInputException bad(int line, String rule, String found) {
    return BadInputException.atLine(name, line, rule, found.strip());
  }

  String name() {
    return name;
  }

  ImmutableList<TraceEvent> events() {
    return events.build();
  }

  TimerEvents timers() {
    return new TimerEvents(timers.build());
  }

  ImmutableSortedMap<String, Integer> others() {
    return ImmutableSortedMap.copyOf(others);
  }

  long lostEvents() {
    return lostEvents;
  }

  long overwrittenEvents() {
    return overwrittenEvents;
  }

  long absentEvents() {
    return Math.max(0, announcedEvents - seenEvents);
  }

  int cpus() {
    return cpus;
  }
}
