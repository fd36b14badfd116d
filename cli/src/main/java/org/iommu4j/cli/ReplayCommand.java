package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.ReplayText;
import org.iommu4j.evidence.replay.Replay;
import org.iommu4j.evidence.replay.ReplayedCommand;
import org.iommu4j.evidence.replay.Transcript;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Runs recorded DMA calls on the model and compares the answers. */
@Command(
    name = "replay",
    description = "Run the DMA calls of a transcript on the model of a captured machine.")
final class ReplayCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "CAPTURE", description = "The captured machine.")
  private @Nullable Path capture;

  @Option(
      names = "--transcript",
      paramLabel = "FILE",
      description = "The script to run; without it the capture's lockstep/transcript.")
  private @Nullable Path transcript;

  @Mixin private final KernelOptions kernelOptions = new KernelOptions();

  @Option(names = "--print", description = "Print the model's own transcript instead of comparing.")
  private boolean print;

  @Option(
      names = "--first-cpu",
      paramLabel = "N",
      description =
          "The CPU that the script began on, which no transcript says; without it the likeliest,"
              + " and to compare, whichever makes the fewest differences.")
  private @Nullable Integer firstCpu;

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    Path path = Objects.requireNonNull(capture);
    Transcript script =
        transcript == null ? Transcript.ofCapture(path) : Transcript.read(transcript);
    Machine machine = kernelOptions.applyTo(MachineReader.read(path), console);
    checkFirstCpu(machine);
    if (print) {
      print(
          console,
          firstCpu == null ? Replay.run(machine, script) : Replay.run(machine, script, firstCpu));
      return ExitCodes.OK;
    }
    ImmutableList<ReplayedCommand> replayed =
        firstCpu == null ? Replay.closest(machine, script) : Replay.run(machine, script, firstCpu);
    ReplayText text = new ReplayText(console.palette());
    console.print(text.comparison(replayed));
    boolean exact = replayed.stream().allMatch(ReplayedCommand::isExact);
    return exact ? ExitCodes.OK : ExitCodes.DIFFERENT;
  }

  private void checkFirstCpu(Machine machine) {
    Integer first = firstCpu;
    int cpus = first == null ? 1 : Replay.cpus(machine);
    if (first != null && (first < 0 || first >= cpus)) {
      throw Usage.error(spec, "--first-cpu is 0 to " + (cpus - 1) + " here, not " + first);
    }
  }

  // Faults are part of a transcript, other messages of the kernel are not.
  private static void print(Console console, ImmutableList<ReplayedCommand> replayed) {
    for (ReplayedCommand command : replayed) {
      command.lines().forEach(line -> console.out().print(line + "\n"));
      for (String line : command.log()) {
        PrintWriter to = Transcript.isFault(line) ? console.out() : console.err();
        to.print(line + "\n");
      }
    }
  }
}
