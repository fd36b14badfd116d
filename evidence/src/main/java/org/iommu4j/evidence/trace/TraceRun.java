package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.ModelCpus;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.LinuxSystem;

/**
 * One run of a trace's calls on the model, from boot on. Used once, by one thread.
 *
 * <p>Of the recorded addresses none makes an answer: where the kernel unmaps an address, the model
 * unmaps its own that stands for it.
 */
final class TraceRun {
  /** There is no difference. */
  static final int NO_DIFFERENCE = -1;

  private final TraceSetup setup;
  private final int[] order;
  private final TraceTimers timers;
  private final BootEvents boot = new BootEvents();
  private final LinuxSystem system;
  private final TraceMapper mapper;
  private final List<Verdict> verdicts = new ArrayList<>();
  private int firstDifference = NO_DIFFERENCE;

  TraceRun(TraceSetup setup, Schedule schedule) {
    this.setup = setup;
    this.order = schedule.order(setup.calls().size());
    this.timers = new TraceTimers(schedule, setup.window(), setup.timers());
    PlacedBuffers buffers = new PlacedBuffers();
    BootOptions options =
        BootOptions.of(setup.machine())
            .withTimers(timers)
            .withBuffers(setup.taken(), buffers)
            .withTracepoints(boot);
    this.system = LinuxSystem.boot(setup.machine(), options);
    this.mapper = new TraceMapper(system, buffers);
    setup.masks().applyTo(system);
  }

  /**
   * Runs all calls.
   *
   * @param from the first position whose difference counts as one
   * @param toFirstDifference whether a mapping that differs ends the run
   */
  TraceRun run(int from, boolean toFirstDifference) {
    ModelCpus cpus = system.services().cpus();
    try {
      for (int position = 0; position < order.length; position++) {
        TraceCall call = setup.calls().get(order[position]);
        timers.moveTo(position, call.first());
        // A machine of 10,000 CPUs or more is modelled with one.
        cpus.bind(Math.min(call.first().cpu(), cpus.count() - 1));
        boolean different = run(call);
        if (different
            && call.touchesAddresses()
            && position >= from
            && firstDifference == NO_DIFFERENCE) {
          firstDifference = position;
          if (toFirstDifference) {
            break;
          }
        }
      }
    } finally {
      cpus.bind(0);
    }
    boot.end();
    return this;
  }

  private boolean run(TraceCall call) {
    int before = verdicts.size();
    switch (call.type()) {
      case DOMAIN -> verdicts.add(domain(call.first()));
      case MAP -> {
        boot.end();
        verdicts.add(mapper.map(call.first()));
      }
      case MAP_LIST -> {
        boot.end();
        verdicts.addAll(mapper.mapList(call.events()));
      }
      case UNMAP -> verdicts.add(mapper.unmap(call.first()));
      case ECHO -> verdicts.add(mapper.echo(call.first()));
      case INCOMPLETE ->
          call.events()
              .forEach(
                  event ->
                      verdicts.add(Verdict.notChecked(event, "pieces of the list are missing")));
    }
    return verdicts.subList(before, verdicts.size()).stream().anyMatch(Verdict::isDifferent);
  }

  private Verdict domain(TraceEvent event) {
    return switch (event.kind()) {
      case ADD_DEVICE, ATTACH, DOMAIN_MAP ->
          boot.isOver() ? Verdict.notChecked(event, afterBoot(event)) : boot.compare(event);
      default -> Verdict.notChecked(event, afterBoot(event));
    };
  }

  private static String afterBoot(TraceEvent event) {
    return switch (event.kind()) {
      case DOMAIN_MAP, DOMAIN_UNMAP -> "names no domain";
      case FAULT -> "a device's access is not in a trace";
      default -> "not of the boot";
    };
  }

  /** Returns the position of the first call whose mapping differs, or {@link #NO_DIFFERENCE}. */
  int firstDifference() {
    return firstDifference;
  }

  /** Returns the call at a position of this run. */
  TraceCall callAt(int position) {
    return setup.calls().get(order[position]);
  }

  /** Returns the model's verdicts in the order of the run. */
  List<Verdict> verdicts() {
    return verdicts;
  }

  /** Returns where timers expired. */
  List<TraceTimers.Expiry> expiries() {
    return timers.expiries(order.length);
  }

  /** Returns the events of the boot that the trace lacks. */
  ImmutableList<String> missing() {
    return boot.missing();
  }

  /** Returns the number of a device's group, or -1 if it has none. */
  int groupOf(String device) {
    return mapper.groupOf(device);
  }

  LinuxSystem system() {
    return system;
  }
}
