package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of commands that boot a machine and say something of its functions. */
final class BootedOptions {
  @Spec(Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Mixin private final MachineOptions machineOptions = new MachineOptions();

  @Option(
      names = "--device",
      paramLabel = "BDF",
      description = "Only what is about this function, such as 0000:00:1f.2; may be repeated.")
  private List<String> wanted = new ArrayList<>();

  @Mixin private final FormatOption format = new FormatOption();

  /**
   * A machine that was booted.
   *
   * @param report what Linux decided
   * @param devices the functions that are asked for
   * @param all whether these are all of them
   */
  record Booted(
      Machine machine, BootReport report, ImmutableList<DeviceReport> devices, boolean all) {}

  /** Boots the machine that is meant. */
  Booted boot(Console console) {
    Machine machine = machineOptions.read(console);
    BootReport report = LinuxSystem.boot(machine).report();
    CommandSpec command = Objects.requireNonNull(spec);
    return new Booted(machine, report, Functions.select(command, report, wanted), wanted.isEmpty());
  }

  /** Returns whether JSON is wanted. */
  boolean json() {
    return format.isJson();
  }
}
