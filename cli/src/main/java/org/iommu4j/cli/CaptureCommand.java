package org.iommu4j.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Writes the facts and answers of this host to an archive. */
@Command(
    name = "capture",
    description = "Write this host's facts, and its kernel's answers, to an archive.",
    mixinStandardHelpOptions = true)
final class CaptureCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Parameters(paramLabel = "OUT.tar.gz", description = "The archive to write.")
  private @Nullable Path out;

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    console.note("capture " + out);
    return ExitCodes.OK;
  }
}
