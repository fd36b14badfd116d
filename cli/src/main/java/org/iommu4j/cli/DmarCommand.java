package org.iommu4j.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Prints a DMAR table. */
@Command(
    name = "dmar",
    description = "Print a DMAR table: its fields, its scopes, and what is wrong with it.",
    mixinStandardHelpOptions = true)
final class DmarCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Parameters(
      paramLabel = "FILE|MACHINE",
      description = "A table (binary, or the text of acpidump), or a captured machine.")
  private @Nullable Path path;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, json; default ${DEFAULT-VALUE}.")
  private String format = "text";

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    console.note("dmar " + path + format);
    return ExitCodes.OK;
  }
}
