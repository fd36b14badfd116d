package org.iommu4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/drivers.md} shows the code that these tests run, and nothing else. */
final class DriversDocTest {
  private static final Pattern SHOWN = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern RUN =
      Pattern.compile("(?s)// doc: (?!end)\\w+\n(.*?)\n\\s*// doc: end");

  private static Path top() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("docs/drivers.md"))) {
      here = Objects.requireNonNull(here.getParent(), "docs/drivers.md lies above the tests");
    }
    return here;
  }

  private static List<String> find(Pattern pattern, String file) throws IOException {
    return pattern
        .matcher(Files.readString(top().resolve(file)))
        .results()
        .map((MatchResult result) -> result.group(1).stripIndent().strip())
        .toList();
  }

  @Test
  void thePageShowsWhatRuns() throws IOException {
    String tests = "tests/src/test/java/org/iommu4j/examples/";
    List<String> run =
        Stream.of("EduDriverTest", "RingNicDriver", "RingNicDriverTest")
            .flatMap(
                name -> {
                  try {
                    return find(RUN, tests + name + ".java").stream();
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                })
            .toList();
    assertTrue(run.size() >= 5, run::toString);
    assertEquals(run, find(SHOWN, "docs/drivers.md"));
  }
}
