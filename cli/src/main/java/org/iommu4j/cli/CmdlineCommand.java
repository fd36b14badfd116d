package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.CmdlineJson;
import org.iommu4j.cli.render.CmdlineText;
import org.iommu4j.iommu.CommandLineVerdicts;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.MachineParts;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Says what each word of a command line does to DMA and the IOMMU. */
@Command(
    name = "cmdline",
    description = "Say what each word of a kernel command line does to DMA and the IOMMU.")
final class CmdlineCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Parameters(paramLabel = "LINE", description = "The kernel command line, quoted as one argument.")
  private String line = "";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The kernel's configuration; without it Linux 5.10's own default.")
  private @Nullable Path config;

  @Mixin private final FormatOption format = new FormatOption();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    CommandLine parsed = CommandLine.parse(line);
    ImmutableList<WordVerdict> verdicts =
        CommandLineVerdicts.of(
            parsed, readConfig(), Lists.transform(LinuxSystem.vendors(), IommuVendor::parameters));
    if (format.isJson()) {
      console.print(JsonPrinter.lines(CmdlineJson.of(parsed, verdicts)));
    } else {
      console.print(new CmdlineText(console.palette()).lines(verdicts));
    }
    return ExitCodes.OK;
  }

  private KernelConfig readConfig() {
    return config == null
        ? KernelConfig.upstream()
        : MachineParts.of(config.toString()).config(config).build().config();
  }
}
