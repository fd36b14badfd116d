package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.iommu4j.evidence.trace.Schedule.Moment;

/**
 * The other moments and orders that were possible where a mapping differs, likely ones first.
 *
 * <p>A flush before a mapping shows in the first mapping of its size after it: that differs if the
 * timer fired too late or too early. So the places right before and right after the difference are
 * tried first, and then all that the timer's window has.
 */
final class TraceChoices {
  private static final int EXPIRIES = 8;
  private static final int PLACES = 200;
  private static final int NEAR = 6;
  private static final int MOVED_OVER = 3;
  private static final int CPUS = 16;

  private final TraceSetup setup;
  private final Set<Integer> tracedCpus = new TreeSet<>();

  TraceChoices(TraceSetup setup) {
    this.setup = setup;
    setup.calls().forEach(call -> tracedCpus.add(call.first().cpu()));
  }

  /**
   * A schedule to try.
   *
   * @param beyond the last position that it touches: what differs up to there is not mended
   */
  record Choice(Schedule schedule, int beyond) {}

  /**
   * Returns other schedules for a run that ended in a difference, in lists of one kind.
   *
   * @param everywhere whether unlikely ones are tried as well
   */
  ImmutableList<List<Choice>> of(TraceRun run, Schedule schedule, boolean everywhere) {
    int difference = run.firstDifference();
    ImmutableList.Builder<List<Choice>> near = ImmutableList.builder();
    ImmutableList.Builder<List<Choice>> anywhere = ImmutableList.builder();
    for (TraceTimers.Expiry expiry : nearest(run, difference)) {
      List<Integer> places = places(run, expiry, difference);
      Set<Integer> first = likely(places, expiry, difference);
      List<Integer> cpus = cpus(run, expiry, difference);
      near.add(
          moments(schedule, expiry, first, cpus.subList(0, Math.min(2, cpus.size())), difference));
      if (cpus.size() > 1) {
        near.add(moments(schedule, expiry, List.of(expiry.firedBefore()), cpus, difference));
      }
      places.removeAll(first);
      places.sort(Comparator.comparingInt(place -> Math.abs(place - difference)));
      anywhere.add(
          moments(
              schedule,
              expiry,
              places.subList(0, Math.min(PLACES, places.size())),
              cpus,
              difference));
    }
    return ImmutableList.<List<Choice>>builder()
        .addAll(near.build())
        .add(orders(run, schedule, difference))
        .addAll(everywhere ? anywhere.build() : ImmutableList.of())
        .build();
  }

  private static List<Choice> moments(
      Schedule schedule,
      TraceTimers.Expiry expiry,
      Collection<Integer> places,
      List<Integer> cpus,
      int difference) {
    return places.stream()
        .flatMap(place -> cpus.stream().map(cpu -> new Moment(place, cpu)))
        .map(moment -> schedule.withMoment(expiry.timer(), expiry.armedAt(), moment))
        .map(tried -> new Choice(tried, difference))
        .toList();
  }

  // kernel/sched/core.c:get_nohz_timer_target: an idle CPU leaves its timers to others.
  private List<Integer> cpus(TraceRun run, TraceTimers.Expiry expiry, int difference) {
    TraceEvent arming = run.callAt(expiry.armedAt()).first();
    Set<Integer> cpus = new LinkedHashSet<>();
    cpus.add(expiry.cpu());
    if (arming.idle()) {
      cpus.add(run.callAt(difference).first().cpu());
      cpus.add(arming.cpu());
      cpus.addAll(tracedCpus);
    }
    return List.copyOf(cpus).subList(0, Math.min(CPUS, cpus.size()));
  }

  private static Set<Integer> likely(
      List<Integer> places, TraceTimers.Expiry expiry, int difference) {
    Set<Integer> likely = new LinkedHashSet<>();
    for (int place : places) {
      if (Math.abs(place - difference) <= NEAR || Math.abs(place - expiry.firedBefore()) <= NEAR) {
        likely.add(place);
      }
    }
    if (!places.isEmpty()) {
      likely.add(places.get(0));
      likely.add(places.get(places.size() - 1));
    }
    return likely;
  }

  /** Returns whether a timer could have fired before another call than it did. */
  boolean isAmbiguous(TraceRun run, TraceTimers.Expiry expiry) {
    return !expiry.told() && !places(run, expiry, expiry.firedBefore()).isEmpty();
  }

  /** Returns the last expiries in the difference's group that can have to do with it. */
  private List<TraceTimers.Expiry> nearest(TraceRun run, int difference) {
    int group = run.groupOf(run.callAt(difference).device());
    List<TraceTimers.Expiry> all = new ArrayList<>(run.expiries());
    all.removeIf(
        expiry ->
            expiry.told()
                || expiry.armedAt() >= difference
                || run.groupOf(run.callAt(expiry.armedAt()).device()) != group);
    all.sort((a, b) -> b.armedAt() - a.armedAt());
    return all.subList(0, Math.min(EXPIRIES, all.size()));
  }

  /** Returns the calls of the expiry's group before which the timer can have fired. */
  private List<Integer> places(TraceRun run, TraceTimers.Expiry expiry, int difference) {
    int group = run.groupOf(run.callAt(expiry.armedAt()).device());
    long armed = run.callAt(expiry.armedAt()).first().nanos();
    List<Integer> places = new ArrayList<>();
    int last = -1;
    for (int i = expiry.armedAt() + 1; i < setup.calls().size(); i++) {
      TraceCall call = run.callAt(i);
      if (!call.touchesAddresses() || run.groupOf(call.device()) != group) {
        continue;
      }
      long now = call.first().nanos();
      if (setup.window().isPossible(armed, now) && i != expiry.firedBefore()) {
        places.add(i);
      }
      if (setup.window().isOver(armed, now) || (last > difference && places.size() > 4 * PLACES)) {
        break;
      }
      last = i;
    }
    return places;
  }

  /** Returns orders in which calls right around the difference change places. */
  private List<Choice> orders(TraceRun run, Schedule schedule, int difference) {
    List<Choice> orders = new ArrayList<>();
    TraceEvent map = run.callAt(difference).first();
    for (int over = 1; over <= MOVED_OVER; over++) {
      int before = difference - over;
      if (before >= 0 && map.mayPrecede(run.callAt(before).first())) {
        orders.add(new Choice(schedule.withMove(difference, before), difference));
      }
      int after = difference + over;
      if (after < setup.calls().size() && run.callAt(after).first().mayPrecede(map)) {
        orders.add(new Choice(schedule.withMove(after, difference), after));
      }
    }
    return orders;
  }
}
