package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.ExplainText;
import org.iommu4j.cli.render.PciNames;
import org.iommu4j.cli.render.ReportJson;
import org.iommu4j.iommu.BootReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Says what Linux decides for every device of a machine. */
@Command(
    name = "explain",
    description = "Say what Linux decides for every device of a machine, and why.")
final class ExplainCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Mixin private final BootedOptions options = new BootedOptions();

  @Option(names = "--why", description = "Print every decision with its facts and its source.")
  private boolean why;

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    BootedOptions.Booted booted = options.boot(console);
    if (options.json()) {
      console.print(JsonPrinter.lines(ReportJson.of(booted.report(), booted.devices())));
    } else {
      printText(console, booted);
    }
    return ExitCodes.OK;
  }

  private void printText(Console console, BootedOptions.Booted booted) {
    BootReport report = booted.report();
    ExplainText text =
        new ExplainText(report, booted.machine().recordedKernel(), console.palette());
    console.print(text.table(booted.devices()));
    if (why) {
      PciNames names = PciNames.ofSystem();
      if (booted.all()) {
        printBlock(console, text.machineChain());
      }
      booted.devices().forEach(device -> printBlock(console, text.deviceChain(device, names)));
    }
    if (!report.missing().isEmpty()) {
      printBlock(console, text.missing());
    }
  }

  private static void printBlock(Console console, List<String> lines) {
    console.print(ImmutableList.of(""));
    console.print(lines);
  }
}
