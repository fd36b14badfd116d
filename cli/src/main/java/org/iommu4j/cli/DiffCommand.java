package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.BootSide;
import org.iommu4j.cli.render.DiffText;
import org.iommu4j.cli.render.PciNames;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Says what another kernel or another command line changes. */
@Command(
    name = "diff",
    description = {
      "Say what another kernel or another kernel command line changes on a machine, per device, and"
          + " why.",
      "--kernel, --config and --cmdline may be given twice: for the boot before, and for the one"
          + " after. Without any that is, the boot before is the machine's own; with one, what is"
          + " given once is of both boots."
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
      description = "The command lines: the one before, then the one after.")
  private List<String> lines = new ArrayList<>();

  @Option(
      names = "--kernel",
      paramLabel = "RELEASE",
      converter = Kernels.Converter.class,
      description = "The releases, 5.10, 6.1 or 6.12: the one before, then the one after.")
  private List<KernelRules> kernels = new ArrayList<>();

  @Option(
      names = "--config",
      paramLabel = "FILE|NAME",
      description =
          "What is built into the kernels, before and after: configuration files, or debian-11,"
              + " debian-12, debian-13 or upstream.")
  private List<String> configs = new ArrayList<>();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    checkCounts();
    Machine machine = path == null ? Machines.hostOrExample(console) : MachineReader.read(path);
    boolean pair = lines.size() == 2 || kernels.size() == 2 || configs.size() == 2;
    if (kernels.size() < 2 && !(pair && kernels.size() == 1)) {
      ReleaseNotes.print(machine, console);
    }
    Machine before = pair ? booted(machine, first(lines), first(kernels), first(configs)) : machine;
    Machine after = booted(machine, last(lines), last(kernels), last(configs));
    DiffText text = new DiffText(console.palette(), PciNames.ofSystem());
    console.print(text.lines(boots(before, after)));
    return ExitCodes.OK;
  }

  private void checkCounts() {
    check("command lines", lines);
    check("kernels", kernels);
    check("configurations", configs);
    if (lines.isEmpty() && kernels.isEmpty() && configs.isEmpty()) {
      throw Usage.error(
          spec, "nothing is to be compared: --cmdline, --kernel or --config is missing");
    }
  }

  private void check(String what, List<?> given) {
    if (given.size() > 2) {
      throw Usage.error(spec, "two " + what + " can be compared, not " + given.size());
    }
  }

  private static <T> @Nullable T first(List<T> given) {
    return given.isEmpty() ? null : given.get(0);
  }

  private static <T> @Nullable T last(List<T> given) {
    return given.isEmpty() ? null : given.get(given.size() - 1);
  }

  private Machine booted(
      Machine machine,
      @Nullable String line,
      @Nullable KernelRules kernel,
      @Nullable String config) {
    return Machines.withCommandLine(Kernels.withKernel(spec, machine, kernel, config), line);
  }

  /** Boots before and after, and with the releases between, if nothing but the release differs. */
  private ImmutableList<BootSide> boots(Machine before, Machine after) {
    BootSide first = BootSide.of(LinuxSystem.boot(before));
    ImmutableList.Builder<BootSide> sides = ImmutableList.<BootSide>builder().add(first);
    boolean sameWords = before.commandLine().text().equals(after.commandLine().text());
    if (sameWords && configs.size() < 2) {
      KernelReleases.between(before.kernel(), after.kernel()).stream()
          .map(rules -> before.withKernel(rules.release()))
          .map(machine -> BootSide.of(LinuxSystem.boot(machine)))
          .forEach(sides::add);
    }
    return sides.add(BootSide.of(LinuxSystem.boot(after))).build();
  }
}
