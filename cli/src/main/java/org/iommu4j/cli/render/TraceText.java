package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.iommu4j.evidence.trace.Trace;
import org.iommu4j.evidence.trace.TraceResult;
import org.iommu4j.evidence.trace.TraceResult.Choices;
import org.iommu4j.evidence.trace.Verdict;
import org.iommu4j.evidence.trace.Verdict.Status;

/** What came of a trace's replay, in text. */
public final class TraceText {
  private static final int SHOWN = 5;
  private static final int CONTEXT = 3;
  private static final int LABEL_WIDTH = 14;

  private final Palette palette;

  /** Makes a renderer with these colours. */
  public TraceText(Palette palette) {
    this.palette = palette;
  }

  /**
   * Returns what was and was not compared, what had to be chosen, the first differences in their
   * context, and a summary.
   */
  public ImmutableList<String> result(String machine, TraceResult result) {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    Trace trace = result.trace();
    add(lines, "machine", machine);
    add(lines, "trace", trace.name() + counts(result));
    add(
        lines,
        "compared",
        "what the trace's boot did to groups and domains; the I/O address that every mapping got,"
            + " from its device, physical address and size");
    result.notChecked().forEach((why, count) -> add(lines, "not compared", count + ": " + why));
    if (!trace.others().isEmpty()) {
      add(lines, "other events", others(trace.others()));
    }
    add(
        lines,
        "not told",
        "directions, so no rights; whether memory is coherent, so the streaming mask holds for all;"
            + " earlier masks than the capture's"
            + timerNotTold(result));
    choices(lines, result.choices());
    losses(lines, trace);
    if (!result.hasBoot()) {
      add(
          lines,
          "note",
          "the trace does not begin with the boot: what was mapped before it is not known");
    }
    differences(lines, result);
    lines.add(result.exactEvents() + " of " + result.checkedEvents() + " events exact");
    return lines.build();
  }

  private void add(ImmutableList.Builder<String> lines, String label, String text) {
    lines.addAll(Page.labelled(label, LABEL_WIDTH, text, palette));
  }

  private static String counts(TraceResult result) {
    int cpus = result.trace().cpus();
    return String.format(
        ", %d events of mappings, %s",
        result.verdicts().size(), cpus == 1 ? "1 CPU" : cpus + " CPUs");
  }

  private static String others(Map<String, Integer> others) {
    return others.entrySet().stream()
        .map(other -> name(other.getKey()) + " (" + other.getValue() + ")")
        .collect(Collectors.joining(", "));
  }

  private static String name(String event) {
    return event.isEmpty() ? "lines of a tracer" : event;
  }

  private static String timerNotTold(TraceResult result) {
    return result.choices().lazy() && !result.trace().tellsFlushTimers()
        ? "; when flush timers expire"
        : "";
  }

  private void choices(ImmutableList.Builder<String> lines, Choices choices) {
    if (choices.expiries() > 0) {
      add(lines, "flush timer", expiries(choices));
    }
    ImmutableMap.of(
            "calls put before one whose event was written earlier", choices.chosenOrders(),
            "unmappings put before the mapping that took their address", choices.movedUnmaps(),
            "unmappings added that the trace lacks, for their address is mapped again",
                choices.impliedUnmaps())
        .forEach((what, count) -> addIfAny(lines, count, what));
  }

  private static String expiries(Choices choices) {
    return choices.told() == choices.expiries()
        ? String.format("expired %d times, all as the trace tells", choices.expiries())
        : String.format(
            "expired %d times, for %d of which the moment or the CPU could matter; %d chosen so"
                + " that addresses fit, %d as the trace tells, the others as usual",
            choices.expiries(), choices.ambiguous(), choices.chosenMoments(), choices.told());
  }

  private void addIfAny(ImmutableList.Builder<String> lines, int count, String what) {
    if (count > 0) {
      add(lines, "order", count + " " + what);
    }
  }

  private void losses(ImmutableList.Builder<String> lines, Trace trace) {
    if (trace.lostEvents() + trace.overwrittenEvents() + trace.absentEvents() > 0) {
      add(
          lines,
          "lost",
          String.format(
              "%d events by the kernel, %d overwritten, %d more that the head counts; what comes"
                  + " behind may differ for that",
              trace.lostEvents(), trace.overwrittenEvents(), trace.absentEvents()));
    }
  }

  private void differences(ImmutableList.Builder<String> lines, TraceResult result) {
    List<Verdict> verdicts = result.verdicts();
    int shown = 0;
    long different = result.checkedEvents() - result.exactEvents();
    for (int i = 0; i < verdicts.size() && shown < SHOWN; i++) {
      if (verdicts.get(i).status() == Status.DIFFERENT && !isLaterPiece(verdicts, i)) {
        shown++;
        difference(lines, verdicts, i);
      }
    }
    if (!result.missing().isEmpty() && shown < SHOWN) {
      lines.add("not in the trace:");
    }
    for (int i = 0; i < result.missing().size() && shown < SHOWN; i++, shown++) {
      lines.addAll(Page.wrap(palette.added("  + "), "    ", result.missing().get(i)));
    }
    if (different > shown) {
      lines.add("... and " + (different - shown) + " more events differ");
    }
  }

  // Where the first piece of a list differs, so do the others.
  private static boolean isLaterPiece(List<Verdict> verdicts, int index) {
    return index > 0
        && verdicts.get(index - 1).status() == Status.DIFFERENT
        && verdicts.get(index).laterPiece();
  }

  private void difference(ImmutableList.Builder<String> lines, List<Verdict> verdicts, int index) {
    Verdict verdict = verdicts.get(index);
    lines.add("line " + verdict.line() + ":");
    for (int i = Math.max(0, index - CONTEXT); i < index; i++) {
      lines.add(cut("    " + verdicts.get(i).recorded()));
    }
    lines.add(palette.removed(cut("  - " + verdict.recorded())));
    lines.add(palette.added(cut("  + " + verdict.model())));
  }

  private static String cut(String line) {
    String printable = Page.printable(line);
    return printable.length() <= Page.WIDTH ? printable : printable.substring(0, Page.WIDTH);
  }

  /** Returns the line about several traces. */
  public String summary(int traces, int exact, int bad) {
    String unreadable = bad == 0 ? "" : ", " + bad + " not readable";
    return String.format(
        "%d traces: %d exact, %d different%s", traces, exact, traces - exact - bad, unreadable);
  }
}
