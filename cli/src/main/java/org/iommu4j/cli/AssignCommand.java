package org.iommu4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.AssignJson;
import org.iommu4j.cli.render.AssignText;
import org.iommu4j.cli.render.PciNames;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.iommu4j.vfio.assign.AssignPolicy;
import org.iommu4j.vfio.assign.Assignment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Says whether a device can be handed to a guest. */
@Command(
    name = "assign",
    description = {
      "Say whether a device can be handed to a guest or to user space (VFIO), and all that stands in"
          + " the way."
    },
    exitCodeList = {
      "0:yes, it can",
      "1:no, something stands in the way",
      "2:the command line or a file is bad",
      "70:internal error"
    })
final class AssignCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0..1",
      arity = "1..2",
      paramLabel = "[MACHINE] BDF",
      hideParamSyntax = true,
      description =
          "A captured machine (without it this host, or else the bundled example), and the address"
              + " of one of its functions, such as 0000:03:00.0.")
  private List<String> operands = new ArrayList<>();

  @Mixin private final PartOptions machineOptions = new PartOptions();

  @Option(names = "--why", description = "Print the rules behind each finding.")
  private boolean why;

  @Mixin private final FormatOption format = new FormatOption();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    if (operands.size() > 2) {
      throw Usage.error(spec, "one device of one machine is meant, not " + operands.size());
    }
    @Nullable Path path = operands.size() == 1 ? null : Machines.path(spec, operands.get(0));
    Machine machine = machineOptions.read(console, path);
    BootReport report = LinuxSystem.boot(machine).report();
    DeviceReport device = Functions.select(spec, report, operands.get(operands.size() - 1));
    Assignment assignment = AssignPolicy.decide(machine, report, device.address());
    if (format.isJson()) {
      console.print(JsonPrinter.lines(AssignJson.of(report, assignment)));
    } else {
      AssignText text = new AssignText(why, PciNames.ofSystem(), console.palette());
      console.print(text.lines(machine, report, assignment));
    }
    return assignment.isPossible() ? ExitCodes.OK : ExitCodes.NOT_POSSIBLE;
  }
}
