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

  /** Returns the captures of a release, {@code 6.1} for one, by name. */
  static ImmutableList<Path> of(String release) {
    return in(release);
  }

  /** Returns the capture of a release with this name. */
  static Path of(String release, String name) {
    return directory(release).resolve(name + ".tar.gz");
  }

  /** Returns the captures of the policy matrix, by name. */
  static ImmutableList<Path> all() {
    return in("5.10");
  }

  /** Returns the captures of machines that were recorded after the model had been written. */
  static ImmutableList<Path> wide() {
    return in("5.10-wide");
  }

  /** Returns the capture of the wide set with this name. */
  static Path wide(String name) {
    return directory("5.10-wide").resolve(name + ".tar.gz");
  }

  private static ImmutableList<Path> in(String set) {
    try (Stream<Path> files = Files.list(directory(set))) {
      return files
          .filter(file -> file.toString().endsWith(".tar.gz"))
          .sorted()
          .collect(ImmutableList.toImmutableList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the capture of the policy matrix with this name. */
  static Path named(String name) {
    return directory("5.10").resolve(name + ".tar.gz");
  }

  /** Returns the name of a capture. */
  static String nameOf(Path capture) {
    return capture.getFileName().toString().replace(".tar.gz", "");
  }

  private static Path directory(String set) {
    URL url = RecordedMachines.class.getResource("/captures/" + set);
    try {
      return Path.of(Objects.requireNonNull(url, "the captures lie on the class path").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
