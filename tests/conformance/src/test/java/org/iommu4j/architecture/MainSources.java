package org.iommu4j.architecture;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.iommu4j.architecture.ModuleList.Module;

/** The sources that are published, of the modules of the list and of those beside it. */
final class MainSources {
  /** The modules that stand beside the list. */
  static final ImmutableList<String> BESIDE = ImmutableList.of("tests/kit", "bench");

  private MainSources() {}

  /** Returns the directories of all modules. */
  static ImmutableList<String> modules() {
    return Stream.concat(ModuleList.read().stream().map(Module::name), BESIDE.stream())
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns the sources of a module. */
  static ImmutableList<Path> of(String module) {
    try (Stream<Path> files = Files.walk(ModuleList.top().resolve(module + "/src/main/java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .sorted()
          .collect(ImmutableList.toImmutableList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the sources of all modules. */
  static ImmutableList<Path> ofAll() {
    return modules().stream()
        .flatMap(module -> of(module).stream())
        .collect(ImmutableList.toImmutableList());
  }
}
