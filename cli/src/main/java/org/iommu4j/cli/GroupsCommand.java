package org.iommu4j.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.GroupListing;
import org.iommu4j.cli.render.GroupsJson;
import org.iommu4j.cli.render.GroupsText;
import org.iommu4j.cli.render.PciNames;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.machine.Machine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Lists the IOMMU groups of a machine. */
@Command(
    name = "groups",
    description = "List the IOMMU groups of a machine, and say why their members are together.")
final class GroupsCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Mixin private final BootedOptions options = new BootedOptions();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    BootedOptions.Booted booted = options.boot(console);
    Machine machine = booted.machine();
    BootReport report = booted.report();
    GroupListing listing = GroupListing.of(machine, report, booted.devices());
    PciNames names = PciNames.ofSystem();
    if (options.json()) {
      console.print(JsonPrinter.lines(GroupsJson.of(report, listing, names)));
    } else {
      console.print(new GroupsText(names, console.palette()).lines(machine, report, listing));
    }
    return ExitCodes.OK;
  }
}
