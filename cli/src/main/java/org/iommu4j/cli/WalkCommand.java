package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.WalkJson;
import org.iommu4j.cli.render.WalkText;
import org.iommu4j.evidence.replay.Replay;
import org.iommu4j.evidence.replay.Transcript;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows how a device's address is translated, entry by entry. */
@Command(
    name = "walk",
    description =
        "Show how an IOMMU's tables translate a device's address, entry by entry, on a booted"
            + " machine or in dumped memory.")
final class WalkCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final MachineOptions machineOptions = new MachineOptions();

  @Mixin private final DumpOptions dumpOptions = new DumpOptions();

  @Option(
      names = "--device",
      paramLabel = "BDF",
      description = "The function that puts the address on the bus, such as 0000:00:1f.2.")
  private @Nullable String device;

  @Option(
      names = "--iova",
      required = true,
      paramLabel = "ADDRESS",
      description = "The I/O address, decimal or 0x-hexadecimal.")
  private @Nullable String iova;

  @Option(
      names = "--transcript",
      paramLabel = "FILE",
      description = "Run this script of DMA calls before, as 'replay' does.")
  private @Nullable Path transcript;

  @Option(names = "--recorded", description = "Run the capture's own lockstep/transcript before.")
  private boolean recorded;

  @Option(
      names = "--until",
      paramLabel = "LINE",
      description = "Of the script run no more than up to this line.")
  private @Nullable Integer until;

  @Mixin private final TextFormatOption format = new TextFormatOption();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    long address = Numbers.parse(spec, "--iova", Objects.requireNonNull(iova));
    if (dumpOptions.isGiven()) {
      checkAlone();
      TableWalk walk = dumpOptions.walk(Optional.ofNullable(device).map(this::address), address);
      print(console, new WalkText.Asked(dumpOptions.name(), Optional.empty(), address), walk);
      return ExitCodes.OK;
    }
    if (device == null) {
      throw Usage.error(spec, "--device is missing: whose address is it?");
    }
    walkMachine(console, address(device), address);
    return ExitCodes.OK;
  }

  private void checkAlone() {
    if (machineOptions.isGiven() || transcript != null || recorded) {
      throw Usage.error(spec, "--memory goes without a machine and without a script");
    }
  }

  private PciAddress address(String text) {
    return Functions.address(spec, text);
  }

  private void walkMachine(Console console, PciAddress function, long address) {
    Optional<Transcript> script = script();
    Machine machine = machineOptions.read(console);
    LinuxSystem system =
        script
            .map(commands -> Replay.after(machine, commands, lastLine()))
            .orElseGet(() -> LinuxSystem.boot(machine));
    DeviceReport report =
        system
            .report()
            .device(function)
            .orElseThrow(() -> Usage.error(spec, machine.name() + " has no function " + function));
    WalkText.Asked asked = new WalkText.Asked(machine.name(), Optional.of(report), address);
    print(console, asked, system.walk(function, address).orElseGet(() -> untranslated(address)));
  }

  private Optional<Transcript> script() {
    if (transcript != null && recorded) {
      throw Usage.error(spec, "--transcript and --recorded are two scripts");
    }
    Optional<Transcript> all =
        transcript != null
            ? Optional.of(Transcript.read(transcript))
            : recorded ? Optional.of(Transcript.ofCapture(capture())) : Optional.empty();
    if (until != null && all.isEmpty()) {
      throw Usage.error(spec, "--until goes with --transcript or --recorded");
    }
    if (lastLine() < 1) {
      throw Usage.error(spec, "--until is the number of a line, not " + until);
    }
    return all;
  }

  private int lastLine() {
    Integer line = until;
    return line == null ? Integer.MAX_VALUE : line;
  }

  private Path capture() {
    return machineOptions
        .capture()
        .orElseThrow(() -> Usage.error(spec, "--recorded needs a captured MACHINE"));
  }

  private static TableWalk untranslated(long address) {
    TableWalk.Outcome through = new TableWalk.Outcome(address, 0, null, "not translated");
    return new TableWalk(
        ImmutableList.of(),
        through,
        through,
        ImmutableList.of("no IOMMU stands between the device and memory"));
  }

  private void print(Console console, WalkText.Asked asked, TableWalk walk) {
    console.print(
        format.isJson()
            ? JsonPrinter.lines(WalkJson.of(asked, walk))
            : new WalkText(console.palette()).lines(asked, walk));
  }
}
