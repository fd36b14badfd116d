package org.iommu4j.evidence.trace;

import java.util.List;
import java.util.function.IntConsumer;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.input.BadInputException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the calls that a kernel's trace shows on the model, and compares the addresses.
 *
 * <p>A trace does not tell when flush timers expire, unless it has the events of timers, nor in
 * which order two CPUs did what they then wrote down. Where a mapping differs, other moments and
 * orders are tried that were possible, and the one after which most mappings fit is kept; the
 * choices are counted. A mapping that fits with none is a difference, and from there on the model's
 * address stands for the recorded one. Nothing else is taken from the recorded answers.
 *
 * <p>Not thread-safe: a replay is one thread's work.
 */
public final class TraceReplay {
  private static final int RUNS_LIMIT = 2000;
  private static final long CALLS_LIMIT = 40_000_000;
  private static final int GIVEN_UP_LIMIT = 20;

  private final TraceSetup setup;
  private final TraceChoices choices;
  private final IntConsumer progress;
  private Schedule schedule = Schedule.NOTHING;
  private int runs;
  private long calls;

  private TraceReplay(TraceSetup setup, IntConsumer progress) {
    this.setup = setup;
    this.choices = new TraceChoices(setup);
    this.progress = progress;
  }

  /**
   * Replays a trace on a machine.
   *
   * @param masks the devices' DMA masks
   * @param progress is told now and then how many calls fit so far
   * @throws BadInputException if the trace names a CPU that the machine has not
   */
  public static TraceResult run(
      Machine machine, Trace trace, DeviceMasks masks, IntConsumer progress) {
    TraceCalls grouped = new TraceCalls(trace.events());
    TraceSetup setup = TraceSetup.of(withCpus(machine, trace), trace, grouped.calls(), masks);
    TraceReplay replay = new TraceReplay(setup, progress);
    replay.search();
    TraceRun last = new TraceRun(setup, replay.schedule).run(0, false);
    return TraceResult.of(trace, grouped, last, replay.schedule, setup);
  }

  private static Machine withCpus(Machine machine, Trace trace) {
    if (machine.property("cpus").isEmpty()) {
      return machine.withProperty("cpus", Integer.toString(trace.cpus()));
    }
    int cpus = Integer.parseInt(machine.property("cpus").orElse("1"));
    for (TraceEvent event : trace.events()) {
      if (event.cpu() >= cpus) {
        throw BadInputException.atLine(
            trace.name(),
            event.line(),
            "a trace's CPUs are the machine's, which has " + cpus,
            "CPU " + event.cpu());
      }
    }
    return machine;
  }

  private void search() {
    int from = 0;
    int givenUp = 0;
    TraceRun run = run(schedule, from);
    while (run.firstDifference() != TraceRun.NO_DIFFERENCE && givenUp < GIVEN_UP_LIMIT) {
      progress.accept(run.firstDifference());
      Schedule better = better(run, from, givenUp == 0);
      if (better == null) {
        givenUp++;
        from = run.firstDifference() + 1;
      } else {
        schedule = better;
      }
      run = run(schedule, from);
    }
  }

  private TraceRun run(Schedule tried, int from) {
    TraceRun run = new TraceRun(setup, tried).run(from, true);
    runs++;
    calls += reached(run);
    return run;
  }

  private int reached(TraceRun run) {
    int first = run.firstDifference();
    return first == TraceRun.NO_DIFFERENCE ? setup.calls().size() : first;
  }

  // The first kind of choice that gets further is taken, by that of it which gets furthest.
  private @Nullable Schedule better(TraceRun run, int from, boolean everywhere) {
    int best = run.firstDifference();
    Schedule found = null;
    for (List<TraceChoices.Choice> kind : choices.of(run, schedule, everywhere)) {
      for (TraceChoices.Choice tried : kind) {
        if (runs >= RUNS_LIMIT || calls >= CALLS_LIMIT) {
          return found;
        }
        int reached = reached(run(tried.schedule(), from));
        if (reached > best && reached > tried.beyond()) {
          best = reached;
          found = tried.schedule();
        }
      }
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
