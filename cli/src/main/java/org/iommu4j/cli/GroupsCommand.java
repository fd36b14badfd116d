package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.GroupListing;
import org.iommu4j.cli.render.GroupsJson;
import org.iommu4j.cli.render.GroupsText;
import org.iommu4j.cli.render.PciNames;
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

/** Lists the IOMMU groups of a machine. */
@Command(
    name = "groups",
    description = "List the IOMMU groups of a machine, and say why their members are together.")
final class GroupsCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final MachineOptions machineOptions = new MachineOptions();

  @Option(
      names = "--device",
      paramLabel = "BDF",
      description = "Only the group of this function, such as 0000:00:1f.2; may be repeated.")
  private List<String> wanted = new ArrayList<>();

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
    GroupListing listing = GroupListing.of(machine, report, devices);
    PciNames names = PciNames.ofSystem();
    if (format == Format.JSON) {
      console.print(JsonPrinter.lines(GroupsJson.of(report, listing, names)));
    } else {
      console.print(new GroupsText(names, console.palette()).lines(machine, report, listing));
    }
    return ExitCodes.OK;
  }
}
