package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.CmdlineJson;
import org.iommu4j.cli.render.CmdlineText;
import org.iommu4j.iommu.CommandLineVerdicts;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.CommandLine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Says what each word of a command line does to DMA and the IOMMU. */
@Command(
    name = "cmdline",
    description = {
      "Say what each word of a kernel command line does to DMA and the IOMMU.",
      "Words are those of Linux 5.10, unless --kernel says 6.1 or 6.12, which are mirrored as well."
    })
final class CmdlineCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "LINE", description = "The kernel command line, quoted as one argument.")
  private String line = "";

  @Option(
      names = "--kernel",
      paramLabel = "RELEASE",
      converter = Kernels.Converter.class,
      description = "The release that reads it, 5.10, 6.1 or 6.12; without it 5.10.")
  private KernelRules kernel = KernelReleases.usual();

  @Option(
      names = "--config",
      paramLabel = "FILE|NAME",
      description = KernelOptions.CONFIG + " Without it upstream.")
  private String config = "upstream";

  @Mixin private final FormatOption format = new FormatOption();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    CommandLine parsed = CommandLine.parse(line);
    ImmutableList<WordVerdict> verdicts =
        CommandLineVerdicts.of(
            parsed,
            Kernels.config(spec, config, kernel.release()),
            kernel,
            Lists.transform(LinuxSystem.vendors(), IommuVendor::parameters));
    if (format.isJson()) {
      console.print(JsonPrinter.lines(CmdlineJson.of(kernel.release(), parsed, verdicts)));
    } else {
      console.print(new CmdlineText(console.palette()).lines(verdicts));
    }
    return ExitCodes.OK;
  }
}
