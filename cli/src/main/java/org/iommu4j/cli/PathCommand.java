package org.iommu4j.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.PathJson;
import org.iommu4j.cli.render.PathText;
import org.iommu4j.cli.render.PciNames;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.evidence.path.MappingTracer;
import org.iommu4j.evidence.path.TracedMapping;
import org.iommu4j.evidence.path.TracedMapping.Request;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows which way a mapping takes through the kernel. */
@Command(
    name = "path",
    description = {
      "Map and unmap a buffer for a device, and show the kernel's functions that it goes through.",
      "Each is shown with what it was asked and what it answered."
    })
final class PathCommand implements Callable<Integer> {
  /** Whose turn it is to touch memory. */
  enum Direction {
    TO(DmaDirection.TO_DEVICE),
    FROM(DmaDirection.FROM_DEVICE),
    BOTH(DmaDirection.BIDIRECTIONAL);

    private final DmaDirection direction;

    Direction(DmaDirection direction) {
      this.direction = direction;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MACHINE", description = "The captured machine.")
  private @Nullable Path path;

  @Parameters(index = "1", paramLabel = "BDF", description = "The function, such as 00:1f.2.")
  private String function = "";

  @Option(
      names = "--cmdline",
      paramLabel = "LINE",
      description = "Boot with this kernel command line.")
  private @Nullable String commandLine;

  @Mixin private final KernelOptions kernelOptions = new KernelOptions();

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      defaultValue = "4096",
      description = "The buffer's size; default ${DEFAULT-VALUE}.")
  private int sizeBytes;

  @Option(
      names = "--offset",
      paramLabel = "BYTES",
      defaultValue = "0",
      description = "Where the buffer begins in its page; default ${DEFAULT-VALUE}.")
  private int offsetBytes;

  @Option(
      names = "--direction",
      paramLabel = "WAY",
      defaultValue = "from",
      description = "${COMPLETION-CANDIDATES}: to or from the device; default ${DEFAULT-VALUE}.")
  private Direction direction = Direction.FROM;

  @Option(
      names = "--mask",
      paramLabel = "BITS",
      defaultValue = "64",
      description = "How many address bits the driver says that it has; default ${DEFAULT-VALUE}.")
  private int maskBits;

  @Mixin private final FormatOption format = new FormatOption();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    Request request = request();
    PciAddress address = Functions.address(spec, function);
    Machine machine = MachineReader.read(Objects.requireNonNull(path));
    if (machine.pci().device(address).isEmpty()) {
      throw Usage.error(spec, machine.name() + " has no function " + address);
    }
    Machine booted = Machines.withCommandLine(kernelOptions.applyTo(machine, console), commandLine);
    MappingTracer tracer = new MappingTracer(booted, address);
    TracedMapping traced = trace(tracer, request);
    BootReport report = tracer.system().report();
    DeviceReport device = report.device(address).orElseThrow();
    console.print(
        format.isJson()
            ? JsonPrinter.lines(PathJson.of(report, device, traced))
            : new PathText(report, machine.recordedKernel(), console.palette())
                .lines(device, PciNames.ofSystem(), traced));
    return ExitCodes.OK;
  }

  // What the model's callers must not do is what the kernel would have stopped at.
  private TracedMapping trace(MappingTracer tracer, Request request) {
    try {
      return tracer.trace(request);
    } catch (IllegalArgumentException e) {
      throw Usage.error(spec, "no kernel survives this mapping: " + e.getMessage());
    }
  }

  private Request request() {
    check(sizeBytes > 0, "--size", sizeBytes, "at least 1");
    check(offsetBytes >= 0, "--offset", offsetBytes, "at least 0");
    check(
        (long) offsetBytes + sizeBytes <= MappingTracer.MAX_BYTES,
        "--size",
        sizeBytes,
        "at most " + MappingTracer.MAX_BYTES + " with the offset");
    check(maskBits >= 1 && maskBits <= 64, "--mask", maskBits, "1 to 64");
    return new Request(offsetBytes, sizeBytes, direction.direction, maskBits);
  }

  private void check(boolean holds, String option, int value, String rule) {
    if (!holds) {
      throw Usage.error(spec, option + " is " + rule + ", not " + value);
    }
  }
}
