package org.iommu4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.FaultJson;
import org.iommu4j.cli.render.FaultText;
import org.iommu4j.cli.render.PciNames;
import org.iommu4j.evidence.fault.FaultLog;
import org.iommu4j.evidence.fault.FaultScene;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.input.FactFile;
import org.iommu4j.machine.input.FactTree;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Decodes what the kernel prints when an IOMMU refuses a request. */
@Command(
    name = "fault",
    description = {
      "Decode a kernel's lines about DMA and interrupts that an IOMMU refused: which device, what it"
          + " tried, what the reason means, and what probably is behind it.",
      "With a machine (/ is this host) it also says what of it speaks for each cause."
    })
final class FaultCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..2",
      paramLabel = "[LINE] [MACHINE]",
      hideParamSyntax = true,
      description =
          "A line of the log (or several), unless --dmesg names a file, and a captured machine.")
  private List<String> operands = new ArrayList<>();

  @Option(
      names = "--dmesg",
      paramLabel = "FILE",
      description = "Find all such lines in a kernel log; - is standard input.")
  private @Nullable Path dmesg;

  @Option(
      names = "--cmdline",
      paramLabel = "LINE",
      description = "Boot the machine with this kernel command line.")
  private @Nullable String commandLine;

  @Mixin private final KernelOptions kernelOptions = new KernelOptions();

  @Mixin private final FormatOption format = new FormatOption();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    int lines = dmesg == null ? 1 : 0;
    if (operands.size() < lines) {
      throw Usage.error(spec, "a line of the log is missing, or --dmesg FILE");
    }
    if (operands.size() > lines + 1) {
      throw Usage.error(spec, "with --dmesg there is at most one more operand, the machine");
    }
    FaultLog log = FaultLog.read(dmesg == null ? operands.get(0) : read(dmesg));
    if (dmesg == null && log.groups().isEmpty() && log.related().isEmpty()) {
      throw Usage.error(
          spec,
          log.suppressed() > 0
              ? "the line only counts what the kernel held back: " + log.suppressed() + " messages"
              : "no line that a kernel prints of a refused request (DMAR: or AMD-Vi:)");
    }
    Optional<FaultScene> scene =
        operands.size() > lines
            ? Optional.of(scene(operands.get(lines), console))
            : Optional.empty();
    if (format.isJson()) {
      console.print(JsonPrinter.lines(FaultJson.of(log, scene)));
    } else {
      FaultText text = new FaultText(scene, PciNames.ofSystem(), console.palette());
      console.print(text.lines(log, dmesg != null));
    }
    return ExitCodes.OK;
  }

  private static String read(Path file) {
    Path named = file.toString().equals("-") ? Path.of("/dev/stdin") : file;
    return FactFile.read(named, FactTree.TEXT_LIMIT_BYTES)
        .unpacked(FactTree.TEXT_LIMIT_BYTES)
        .text()
        .orElseThrow(() -> new AssertionError("what was read is there"));
  }

  private FaultScene scene(String path, Console console) {
    Machine read =
        path.equals("/") ? MachineReader.live() : MachineReader.read(Machines.path(spec, path));
    Machine machine = Machines.withCommandLine(kernelOptions.applyTo(read, console), commandLine);
    return new FaultScene(machine, LinuxSystem.boot(machine).report());
  }
}
