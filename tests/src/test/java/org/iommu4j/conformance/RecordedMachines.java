package org.iommu4j.conformance;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/** The captures of machines that a real kernel was booted on. */
final class RecordedMachines {
  private RecordedMachines() {}

  /** Returns all captures, by name. */
  static ImmutableList<Path> all() {
    try (Stream<Path> files = Files.list(directory())) {
      return files
          .filter(file -> file.toString().endsWith(".tar.gz"))
          .sorted()
          .collect(ImmutableList.toImmutableList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the capture with this name. */
  static Path named(String name) {
    return directory().resolve(name + ".tar.gz");
  }

  /** Returns the name of a capture. */
  static String nameOf(Path capture) {
    return capture.getFileName().toString().replace(".tar.gz", "");
  }

  private static Path directory() {
    URL url = RecordedMachines.class.getResource("/captures/5.10");
    try {
      return Path.of(Objects.requireNonNull(url, "the captures lie on the class path").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
