package org.iommu4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/** Where machines come from when nothing says so. */
final class Machines {
  private static final String EXAMPLE = "laptop-thunderbolt.tar.gz";

  private Machines() {}

  /** Returns this host, or the bundled example if no PCI function of this host can be seen. */
  static Machine hostOrExample(Console console) {
    Machine host = MachineReader.live();
    if (!host.pci().devices().isEmpty()) {
      return host;
    }
    console.note("no PCI function of this host can be seen; this is the bundled example");
    return example();
  }

  private static Machine example() {
    try (InputStream in = Objects.requireNonNull(Machines.class.getResourceAsStream(EXAMPLE))) {
      Path directory = Files.createTempDirectory("iommu4j");
      Path file = directory.resolve(EXAMPLE);
      try {
        Files.copy(in, file);
        return MachineReader.read(file);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns whether a path is that of a captured machine, and not of one of its files. */
  static boolean isMachine(Path path) {
    String name = path.toString();
    return Files.isDirectory(path)
        || name.endsWith(".tar")
        || name.endsWith(".tar.gz")
        || name.endsWith(".tgz");
  }

  /** Returns the path that a text is. */
  static Path path(@Nullable CommandSpec spec, String text) {
    try {
      return path(text);
    } catch (TypeConversionException e) {
      throw Usage.error(spec, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Returns the path that a text is.
   *
   * @throws TypeConversionException if it cannot be one on this system
   */
  static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'" + text + "' cannot be the name of a file here: " + e.getReason());
    }
  }

  /** Returns the machine with another command line, if one is given. */
  static Machine withCommandLine(Machine machine, @Nullable String line) {
    return line == null ? machine : machine.withCommandLine(CommandLine.parse(line));
  }
}
