package org.iommu4j.cli;

import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine.Command;

/** The command that all others belong to; alone it says how it is used. */
@Command(
    name = "iommu4j",
    description = "What Linux does about DMA on a machine: groups, domains, DMA ops, and why.",
    subcommands = {
      ExplainCommand.class,
      VerifyCommand.class,
      DiffCommand.class,
      CmdlineCommand.class,
      DmarCommand.class,
      CaptureCommand.class,
      GenerateCompletion.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all is well",
      "1:a prediction differs from what was recorded (verify)",
      "2:the command line or a file is bad",
      "70:internal error"
    },
    footer = {
      "",
      "A MACHINE is a directory laid out like /, or such a tree as .tar or .tar.gz;",
      "'iommu4j capture' writes one. Bundled machines lie in machines/."
    })
final class Iommu4jCommand implements Runnable {
  @picocli.CommandLine.Spec private picocli.CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

  private final Console console;

  Iommu4jCommand(Console console) {
    this.console = console;
  }

  Console console() {
    return console;
  }

  @Override
  public void run() {
    throw new picocli.CommandLine.ParameterException(
        java.util.Objects.requireNonNull(spec).commandLine(), "a command is missing");
  }
}
