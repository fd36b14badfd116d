package org.iommu4j.cli;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineParts;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DmarProblem;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.report.DmarPrinter;
import org.iommu4j.vtd.report.DmarTree;
import org.iommu4j.vtd.report.TopologyChecks;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Prints a DMAR table. */
@Command(
    name = "dmar",
    description = "Print a DMAR table: its fields, its scopes, and what is wrong with it.")
final class DmarCommand implements Callable<Integer> {
  private static final Splitter LINES = Splitter.on('\n');

  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE|MACHINE",
      description =
          "A table (binary, or the text of acpidump) or a captured machine; without it this host.")
  private @Nullable Path path;

  @Mixin private final TextFormatOption format = new TextFormatOption();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    boolean tableAlone = path != null && !Machines.isMachine(path);
    Machine machine = read(console);
    Optional<FirmwareTable> found = machine.firmwareTable(DmarTable.SIGNATURE);
    if (found.isEmpty()) {
      console.note(machine.name() + " has no DMAR table, or none that can be read");
      return ExitCodes.BAD_INPUT;
    }
    DmarTable table = DmarTable.parse(found.get());
    Optional<PciTopology> pci = tableAlone ? Optional.empty() : Optional.of(machine.pci());
    ImmutableList<DmarProblem> findings = TopologyChecks.check(table, pci);
    if (format.isJson()) {
      console.print(JsonPrinter.lines(DmarTree.of(table, pci, findings)));
    } else {
      String text = DmarPrinter.print(table, pci, findings).stripTrailing();
      console.print(LINES.splitToList(text));
    }
    return ExitCodes.OK;
  }

  private Machine read(Console console) {
    if (path == null) {
      return Machines.hostOrExample(console);
    }
    return Machines.isMachine(path)
        ? MachineReader.read(path)
        : MachineParts.of(path.toString()).dmar(path).build();
  }
}
