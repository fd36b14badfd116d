package org.iommu4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.DiffText;
import org.iommu4j.cli.render.PciNames;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Says what another command line changes. */
@Command(
    name = "diff",
    description = {
      "Say what another kernel command line changes on a machine, per device, and why.",
      "With one --cmdline the recorded command line is what it is compared with."
    })
final class DiffCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "MACHINE",
      description = "A captured machine; without it this host, or else the bundled example.")
  private @Nullable Path path;

  @Option(
      names = "--cmdline",
      paramLabel = "LINE",
      required = true,
      description = "The command lines: the one before, then the one after.")
  private List<String> lines = new ArrayList<>();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    if (lines.size() > 2) {
      throw Usage.error(spec, "two command lines can be compared, not " + lines.size());
    }
    Machine machine = path == null ? Machines.hostOrExample(console) : MachineReader.read(path);
    Machines.noteRelease(machine, console);
    BootReport after = boot(machine, lines.get(lines.size() - 1));
    BootReport before =
        lines.size() == 2 ? boot(machine, lines.get(0)) : LinuxSystem.boot(machine).report();
    DiffText text = new DiffText(console.palette(), PciNames.ofSystem());
    console.print(text.lines(before, after));
    return ExitCodes.OK;
  }

  private static BootReport boot(Machine machine, String line) {
    return LinuxSystem.boot(Machines.withCommandLine(machine, line)).report();
  }
}
