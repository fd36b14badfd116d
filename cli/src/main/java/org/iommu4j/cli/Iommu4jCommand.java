package org.iommu4j.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command that all others belong to. */
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
      ReplayCommand.class,
      WalkCommand.class,
      TraceCommand.class,
      GroupsCommand.class,
      PathCommand.class,
      GenerateCompletion.class
    },
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all is well",
      "1:a prediction differs from what was recorded (verify, replay, trace)",
      "2:the command line or a file is bad",
      "70:internal error"
    },
    footer = {
      "",
      "A MACHINE is a directory laid out like /, or such a tree as .tar or .tar.gz;",
      "'iommu4j capture' writes one."
    })
final class Iommu4jCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  private final Console console;

  Iommu4jCommand(Console console) {
    this.console = console;
  }

  Console console() {
    return console;
  }

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "a command is missing");
  }
}
