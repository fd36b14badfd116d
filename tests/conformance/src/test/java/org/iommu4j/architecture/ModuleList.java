package org.iommu4j.architecture;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;

/** The list of modules in {@code ARCHITECTURE.md}, from the top of the house to its bottom. */
final class ModuleList {
  private static final Splitter BLANKS = Splitter.on(' ').omitEmptyStrings();

  private ModuleList() {}

  /**
   * One line of the list.
   *
   * @param name the module's directory
   * @param rootPackage the package that all of its packages lie in; also its Java module's name
   * @param mayImport the modules that it may import
   */
  record Module(String name, String rootPackage, ImmutableSortedSet<String> mayImport) {}

  /** Returns the top directory of the project. */
  static Path top() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("ARCHITECTURE.md"))) {
      here = Objects.requireNonNull(here.getParent(), "ARCHITECTURE.md lies above the tests");
    }
    return here;
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ImmutableList<Module> read() {
    return read(top().resolve("ARCHITECTURE.md"))
        .lines()
        .dropWhile(line -> !line.equals("```modules"))
        .skip(1)
        .takeWhile(line -> !line.equals("```"))
        .map(ModuleList::module)
        .collect(ImmutableList.toImmutableList());
  }

  private static Module module(String line) {
    List<String> words = BLANKS.splitToList(line);
    return new Module(
        words.get(0), words.get(1), ImmutableSortedSet.copyOf(words.subList(2, words.size())));
  }

  static Module named(String name) {
    return read().stream()
        .filter(module -> module.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new NoSuchElementException(name));
  }
}
