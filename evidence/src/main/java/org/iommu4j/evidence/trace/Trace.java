package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.nio.file.Path;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactFile;
import org.iommu4j.machine.input.FactTree;

/**
 * A kernel's trace of DMA mappings as text: the content of {@code /sys/kernel/tracing/trace}.
 *
 * <p>Immutable.
 */
public final class Trace {
  /** Where a capture keeps its trace. */
  public static final String PATH = "trace";

  /** The most bytes that a trace may have. */
  public static final int LIMIT_BYTES = 64 << 20;

  private final String name;
  private final ImmutableList<TraceEvent> events;
  private final TimerEvents timers;
  private final ImmutableSortedMap<String, Integer> others;
  private final long lostEvents;
  private final long overwrittenEvents;
  private final long absentEvents;
  private final int cpus;

  Trace(TraceParser parser) {
    this.name = parser.name();
    this.events = parser.events();
    this.timers = parser.timers();
    this.others = parser.others();
    this.lostEvents = parser.lostEvents();
    this.overwrittenEvents = parser.overwrittenEvents();
    this.absentEvents = parser.absentEvents();
    this.cpus = parser.cpus();
  }

  /**
   * Reads the trace of a capture.
   *
   * @throws BadInputException if it has none, or it is not one
   */
  public static Trace ofCapture(Path capture) {
    FactTree tree = FactTree.open(capture);
    FactFile file = tree.reading(() -> tree.read(PATH, LIMIT_BYTES).unpacked(LIMIT_BYTES));
    String text =
        file.text()
            .orElseThrow(
                () ->
                    BadInputException.atOffset(
                        capture.toString(), 0, "a capture to trace has a trace", file.absence()));
    return notEmpty(parse(capture.resolve(PATH).toString(), text));
  }

  /**
   * Reads a trace from a file of its own, packed with gzip or not.
   *
   * @throws BadInputException if it is not there, or is none
   */
  public static Trace read(Path path) {
    FactFile file = FactFile.read(path, LIMIT_BYTES).unpacked(LIMIT_BYTES);
    return notEmpty(parse(path.toString(), file.text().orElse("")));
  }

  // Nothing compared must not look like nothing different.
  private static Trace notEmpty(Trace trace) {
    if (trace.events.isEmpty()) {
      throw BadInputException.atOffset(trace.name, 0, "a trace has events of mappings", "none");
    }
    return trace;
  }

  /**
   * Parses the text of a trace.
   *
   * @param name what to call it in errors
   * @throws BadInputException if a line is none of a trace, or an event prints what it cannot
   */
  public static Trace parse(String name, String text) {
    return TraceParser.parse(name, text);
  }

  /** Returns what to call the trace. */
  public String name() {
    return name;
  }

  /** Returns the events that tell of mappings, in their order. */
  ImmutableList<TraceEvent> events() {
    return events;
  }

  /** Returns what it tells of flush timers. */
  TimerEvents timers() {
    return timers;
  }

  /** Returns whether it tells when flush timers expired. */
  public boolean tellsFlushTimers() {
    return timers.areTold();
  }

  /** Returns how many events tell of mappings. */
  public int eventCount() {
    return events.size();
  }

  /** Returns how often each other event occurs; the empty name stands for lines of tracers. */
  public ImmutableSortedMap<String, Integer> others() {
    return others;
  }

  /** Returns how many events the kernel says it lost in between. */
  public long lostEvents() {
    return lostEvents;
  }

  /** Returns how many events at the beginning were overwritten by later ones. */
  public long overwrittenEvents() {
    return overwrittenEvents;
  }

  /** Returns how many events are not there that the trace's head counts. */
  public long absentEvents() {
    return absentEvents;
  }

  /** Returns how many CPUs the trace was made on, as far as it tells; at least 1. */
  public int cpus() {
    return cpus;
  }
}
