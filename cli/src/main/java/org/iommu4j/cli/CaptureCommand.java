package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.iommu4j.evidence.answers.CaptureWriter;
import org.iommu4j.machine.MissingFact;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactTree;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Writes the facts and answers of this host to an archive. */
@Command(
    name = "capture",
    description = {
      "Write this host's facts, and its kernel's answers, to an archive.",
      "It holds what you may read; root sees more."
    })
final class CaptureCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "OUT.tar.gz", description = "The archive to write; it must not exist.")
  private @Nullable Path out;

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    Path file = Objects.requireNonNull(out);
    if (!file.toString().endsWith(".tar.gz")) {
      throw Usage.error(spec, file + " does not end in .tar.gz");
    }
    if (Files.exists(file)) {
      throw Usage.error(spec, file + " exists already");
    }
    ImmutableList<MissingFact> unread = write(file);
    unread.forEach(fact -> console.note("not captured: " + fact));
    console.print(ImmutableList.of("wrote " + file));
    return ExitCodes.OK;
  }

  private static ImmutableList<MissingFact> write(Path file) {
    try {
      return CaptureWriter.write(file, FactTree.live(), kernelLog());
    } catch (UncheckedIOException e) {
      throw BadInputException.of(
          file.toString(), "the archive can be written", Objects.requireNonNull(e.getCause()));
    }
  }

  // The log is no file: on most systems only dmesg hands it out, and often only to root.
  private static Optional<String> kernelLog() {
    try {
      Process process = new ProcessBuilder("dmesg").redirectError(Redirect.DISCARD).start();
      process.getOutputStream().close();
      byte[] text = process.getInputStream().readAllBytes();
      return process.waitFor() == 0 && text.length > 0
          ? Optional.of(new String(text, StandardCharsets.ISO_8859_1))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
