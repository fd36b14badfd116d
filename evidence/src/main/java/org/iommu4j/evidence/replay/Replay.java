package org.iommu4j.evidence.replay;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.Consumer;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.base.ModelCpus;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.machine.Machine;

/**
 * Runs the commands of a transcript on the model, each of which answers in the recorded kernel's
 * format.
 *
 * <p>Of the recorded answers only those to commands that allocate memory are looked at, for where
 * the kernel's memory was. The model follows the release that the machine ran, or the nearest one
 * that is known, unless the caller says which. Not thread-safe.
 */
public final class Replay {
  private Replay() {}

  /**
   * Boots a machine and runs a transcript's commands on it, from the CPU on that it has most likely
   * begun on: none says which, but where the kernel found its pages gives a hint.
   *
   * @return what the model wrote about each command, in their order
   */
  public static ImmutableList<ReplayedCommand> run(Machine machine, Transcript transcript) {
    return run(machine, transcript, rulesOf(machine));
  }

  /** Does the same under another release. */
  public static ImmutableList<ReplayedCommand> run(
      Machine machine, Transcript transcript, KernelRules rules) {
    return run(machine, transcript, rules, FirstCpu.guess(transcript, cpus(machine)));
  }

  private static KernelRules rulesOf(Machine machine) {
    return BootOptions.of(machine).rules();
  }

  /** Returns how many CPUs a machine has, on each of which a script can begin. */
  public static int cpus(Machine machine) {
    return LinuxSystem.boot(machine).services().cpus().count();
  }

  /**
   * Boots a machine and runs a transcript's commands on it.
   *
   * @param firstCpu the CPU that the script began on, one of the machine's
   * @return what the model wrote about each command, in their order
   */
  public static ImmutableList<ReplayedCommand> run(
      Machine machine, Transcript transcript, int firstCpu) {
    return run(machine, transcript, rulesOf(machine), firstCpu);
  }

  /** Does the same under another release. */
  public static ImmutableList<ReplayedCommand> run(
      Machine machine, Transcript transcript, KernelRules rules, int firstCpu) {
    ImmutableList.Builder<ReplayedCommand> all = ImmutableList.builder();
    run(boot(machine, transcript, rules), transcript, firstCpu, all::add);
    return all.build();
  }

  /**
   * Boots a machine, runs a transcript's commands on it as {@link #run(Machine, Transcript)} does,
   * and returns the system as they leave it.
   *
   * @param lastLine the last line of the transcript whose command is run
   */
  public static LinuxSystem after(Machine machine, Transcript transcript, int lastLine) {
    return after(machine, transcript, rulesOf(machine), lastLine);
  }

  /** Does the same under another release. */
  public static LinuxSystem after(
      Machine machine, Transcript transcript, KernelRules rules, int lastLine) {
    int firstCpu = FirstCpu.guess(transcript, cpus(machine));
    CommandRunner runner = boot(machine, transcript, rules);
    run(runner, transcript.until(lastLine), firstCpu, unused -> {});
    return runner.system();
  }

  private static CommandRunner boot(Machine machine, Transcript transcript, KernelRules rules) {
    RecordedPages pages = new RecordedPages();
    ManualTimers timers = new ManualTimers();
    BootOptions options =
        BootOptions.defaults()
            .withRules(rules)
            .withTimers(timers)
            .withBuffers(RecordedPages.taken(transcript), pages);
    return new CommandRunner(LinuxSystem.boot(machine, options), timers, pages);
  }

  private static void run(
      CommandRunner runner, Transcript transcript, int firstCpu, Consumer<ReplayedCommand> sink) {
    ModelCpus cpus = runner.system().services().cpus();
    cpus.bind(firstCpu);
    try {
      transcript.commands().forEach(command -> sink.accept(runner.run(command)));
    } finally {
      cpus.bind(0);
    }
  }

  /**
   * Runs a transcript as {@link #run} does, once for each CPU that it can have begun on until all
   * is exact, and returns the run with the fewest differences.
   */
  public static ImmutableList<ReplayedCommand> closest(Machine machine, Transcript transcript) {
    return closest(machine, transcript, rulesOf(machine));
  }

  /** Does the same under another release. */
  public static ImmutableList<ReplayedCommand> closest(
      Machine machine, Transcript transcript, KernelRules rules) {
    int cpus = cpus(machine);
    ImmutableList<ReplayedCommand> best =
        run(machine, transcript, rules, FirstCpu.guess(transcript, cpus));
    for (int cpu = 0; cpu < cpus && !best.stream().allMatch(ReplayedCommand::isExact); cpu++) {
      ImmutableList<ReplayedCommand> other = run(machine, transcript, rules, cpu);
      best = exactLines(other) > exactLines(best) ? other : best;
    }
    return best;
  }

  private static long exactLines(List<ReplayedCommand> replayed) {
    return replayed.stream().mapToLong(ReplayedCommand::exactLines).sum();
  }
}
