package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.ExplainText;
import org.iommu4j.cli.render.PciNames;
import org.iommu4j.cli.render.ReportJson;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.machine.Machine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Says what Linux decides for every device of a machine. */
@Command(
    name = "explain",
    description = "Say what Linux decides for every device of a machine, and why.")
final class ExplainCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final MachineOptions machineOptions = new MachineOptions();

  @Option(
      names = "--device",
      paramLabel = "BDF",
      description = "Only this function, such as 0000:00:1f.2; may be repeated.")
  private List<String> wanted = new ArrayList<>();

  @Option(names = "--why", description = "Print every decision with its facts and its source.")
  private boolean why;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format = Format.TABLE;

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    Machine machine = machineOptions.read(console);
    BootReport report = LinuxSystem.boot(machine).report();
    ImmutableList<DeviceReport> devices = Functions.select(spec, report, wanted);
    if (format == Format.JSON) {
      console.print(JsonPrinter.lines(ReportJson.of(report, devices)));
    } else {
      printText(console, machine, report, devices);
    }
    return ExitCodes.OK;
  }

  private void printText(
      Console console, Machine machine, BootReport report, List<DeviceReport> devices) {
    ExplainText text = new ExplainText(report, machine.kernel(), console.palette());
    console.print(text.table(devices));
    if (why) {
      PciNames names = PciNames.ofSystem();
      if (wanted.isEmpty()) {
        printBlock(console, text.machineChain());
      }
      devices.forEach(device -> printBlock(console, text.deviceChain(device, names)));
    }
    if (!report.missing().isEmpty()) {
      printBlock(console, text.missing());
    }
  }

  private static void printBlock(Console console, List<String> lines) {
    console.print(ImmutableList.of(""));
    console.print(lines);
  }
}
