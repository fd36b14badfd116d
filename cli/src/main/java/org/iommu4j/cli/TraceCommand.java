package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.TraceText;
import org.iommu4j.evidence.trace.DeviceMasks;
import org.iommu4j.evidence.trace.Trace;
import org.iommu4j.evidence.trace.TraceReplay;
import org.iommu4j.evidence.trace.TraceResult;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.input.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Runs what a kernel's traces show on the model and compares the addresses. */
@Command(
    name = "trace",
    description =
        "Run the DMA mappings that a kernel's own trace shows (ftrace, intel_iommu:* and iommu:*)"
            + " on the model, and compare the addresses.")
final class TraceCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description =
          "A trace within a capture, a captured machine that holds one, or with --machine any.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--machine",
      paramLabel = "MACHINE",
      description = "The captured machine that the traces are of.")
  private @Nullable Path machine;

  @Option(
      names = "--cmdline",
      paramLabel = "LINE",
      description = "The kernel command line, if it is not the capture's.")
  private @Nullable String commandLine;

  @Mixin private final KernelOptions kernelOptions = new KernelOptions();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    TraceText text = new TraceText(console.palette());
    int exact = 0;
    int bad = 0;
    for (Path file : files) {
      try {
        exact += replay(file, console, text) ? 1 : 0;
      } catch (BadInputException e) {
        new Failures(console).handle(e);
        bad++;
      }
    }
    if (files.size() > 1) {
      console.print(ImmutableList.of(text.summary(files.size(), exact, bad)));
    }
    if (bad > 0) {
      return ExitCodes.BAD_INPUT;
    }
    return exact == files.size() ? ExitCodes.OK : ExitCodes.DIFFERENT;
  }

  private boolean replay(Path file, Console console, TraceText text) {
    boolean isCapture = Machines.isMachine(file);
    Path capture = machine != null ? machine : isCapture ? file : around(file);
    Trace trace = isCapture ? Trace.ofCapture(file) : Trace.read(file);
    Machine read = MachineReader.read(capture);
    Machine booted = Machines.withCommandLine(kernelOptions.applyTo(read, console), commandLine);
    Progress progress = new Progress(console, trace.eventCount());
    TraceResult result =
        TraceReplay.run(
            booted,
            trace,
            DeviceMasks.read(capture, booted),
            fitting -> progress.next(fitting, "choosing what the trace does not tell"));
    progress.clear();
    console.print(text.result(read.name(), result));
    console.flush();
    return result.isExact();
  }

  /** Returns the capture that a file lies in. */
  private Path around(Path file) {
    if (!Files.exists(file)) {
      throw BadInputException.atOffset(
          file.toString(), 0, "an input is a file", "there is no such file");
    }
    for (Path at = file.toAbsolutePath().normalize().getParent();
        at != null && at.getParent() != null;
        at = at.getParent()) {
      if (Files.exists(at.resolve("proc/cmdline"))) {
        return at;
      }
    }
    throw Usage.error(
        spec, file + " lies in no captured machine: say with --machine which one it is of");
  }
}
