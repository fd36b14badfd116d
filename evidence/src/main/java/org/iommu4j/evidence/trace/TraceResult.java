package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.util.Comparator;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommu4j.evidence.trace.Verdict.Status;

/**
 * What came of a trace's replay. Immutable.
 *
 * @param verdicts a verdict an event, in the order of the trace
 * @param missing the events of the model's boot that the trace lacks, though it saw others
 * @param trace what was replayed
 * @param choices what had to be chosen
 */
public record TraceResult(
    ImmutableList<Verdict> verdicts, ImmutableList<String> missing, Trace trace, Choices choices) {

  /**
   * What a trace does not tell, and how often it had to be chosen.
   *
   * @param lazy whether unmappings wait for a flush
   * @param expiries how often flush timers expired
   * @param told for how many of these the trace tells the moment and the CPU
   * @param ambiguous at how many of these the moment could make a difference
   * @param chosenMoments for how many of these the moment, or the CPU, was chosen
   * @param chosenOrders how many calls were put before one whose event was written earlier
   * @param movedUnmaps how many unmappings were put before the mapping that took their address
   * @param impliedUnmaps how many unmappings the trace lacks, though their address is mapped again
   */
  public record Choices(
      boolean lazy,
      int expiries,
      int told,
      int ambiguous,
      int chosenMoments,
      int chosenOrders,
      int movedUnmaps,
      int impliedUnmaps) {}

  static TraceResult of(
      Trace trace, TraceCalls grouped, TraceRun run, Schedule schedule, TraceSetup setup) {
    ImmutableList<Verdict> verdicts =
        ImmutableList.sortedCopyOf(Comparator.comparingInt(Verdict::line), run.verdicts());
    boolean lossless = trace.lostEvents() + trace.overwrittenEvents() + trace.absentEvents() == 0;
    TraceChoices possible = new TraceChoices(setup);
    int ambiguous = 0;
    int fired = 0;
    int chosen = 0;
    int told = 0;
    for (TraceTimers.Expiry expiry : run.expiries()) {
      fired += expiry.firedBefore() < setup.calls().size() ? 1 : 0;
      told += expiry.told() && expiry.firedBefore() < setup.calls().size() ? 1 : 0;
      chosen += schedule.moment(expiry.timer(), expiry.armedAt()).isPresent() ? 1 : 0;
      ambiguous += possible.isAmbiguous(run, expiry) ? 1 : 0;
    }
    Choices choices =
        new Choices(
            !run.system().report().iommu().strict(),
            fired,
            told,
            ambiguous,
            chosen,
            schedule.moves().size(),
            grouped.movedUnmaps(),
            grouped.impliedUnmaps());
    return new TraceResult(verdicts, lossless ? run.missing() : ImmutableList.of(), trace, choices);
  }

  /** Returns whether the trace shows any of the boot. */
  public boolean hasBoot() {
    return trace.events().stream().anyMatch(event -> event.kind() == EventKind.ATTACH);
  }

  private long count(Status status) {
    return verdicts.stream().filter(verdict -> verdict.status() == status).count();
  }

  /** Returns how many events are exactly as the model has them. */
  public long exactEvents() {
    return count(Status.EXACT);
  }

  /** Returns how many events could be compared, those that the trace lacks among them. */
  public long checkedEvents() {
    return exactEvents() + count(Status.DIFFERENT) + missing.size();
  }

  /** Returns whether all that could be compared is exact. */
  public boolean isExact() {
    return exactEvents() == checkedEvents();
  }

  /** Returns how many events were not compared, by the reason. */
  public ImmutableSortedMap<String, Integer> notChecked() {
    SortedMap<String, Integer> reasons = new TreeMap<>();
    for (Verdict verdict : verdicts) {
      if (verdict.status() == Status.NOT_CHECKED) {
        reasons.merge(verdict.model(), 1, Integer::sum);
      }
    }
    return ImmutableSortedMap.copyOf(reasons);
  }
}
