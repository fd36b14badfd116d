package org.iommu4j.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.spi.TablePrinter;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineParts;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.pci.PciTopology;
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
  private static final String SIGNATURE = "DMAR";

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
    Optional<FirmwareTable> found = machine.firmwareTable(SIGNATURE);
    if (found.isEmpty()) {
      console.note(machine.name() + " has no DMAR table, or none that can be read");
      return ExitCodes.BAD_INPUT;
    }
    Optional<PciTopology> pci = tableAlone ? Optional.empty() : Optional.of(machine.pci());
    TablePrinter printer = printer();
    console.print(
        format.isJson()
            ? JsonPrinter.lines(printer.tree(found.get(), pci))
            : printer.lines(found.get(), pci));
    return ExitCodes.OK;
  }

  private static TablePrinter printer() {
    return LinuxSystem.vendors().stream()
        .filter(vendor -> vendor.tableSignatures().contains(SIGNATURE))
        .flatMap(vendor -> vendor.tablePrinter().stream())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no vendor prints such a table"));
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
