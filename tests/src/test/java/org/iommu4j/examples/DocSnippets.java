package org.iommu4j.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Code that a page shows, and code that the tests run between {@code // doc:} marks. */
final class DocSnippets {
  private static final Pattern SHOWN = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern RUN =
      Pattern.compile("(?s)// doc: (?!end)\\w+\n(.*?)\n\\s*// doc: end");
  private static final String TESTS = "tests/src/test/java/org/iommu4j/examples/";

  private DocSnippets() {}

  /** Returns the directory of the whole project. */
  static Path top() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("docs/drivers.md"))) {
      here = Objects.requireNonNull(here.getParent(), "docs/drivers.md lies above the tests");
    }
    return here;
  }

  /** Returns what a page shows. */
  static List<String> shown(String page) {
    return find(SHOWN, page);
  }

  /** Returns what these classes run, in their order. */
  static List<String> run(String... classes) {
    return Arrays.stream(classes)
        .flatMap(name -> find(RUN, TESTS + name + ".java").stream())
        .toList();
  }

  private static List<String> find(Pattern pattern, String file) {
    try {
      return pattern
          .matcher(Files.readString(top().resolve(file)))
          .results()
          .map((MatchResult result) -> result.group(1).stripIndent().strip())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
