package org.iommu4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages in {@code docs} show the code that these tests run, and nothing else. */
final class DriversDocTest {
  private static final Pattern SHOWN = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern RUN =
      Pattern.compile("(?s)// doc: (?!end)\\w+\n(.*?)\n\\s*// doc: end");

  /** Returns the top of the repository. */
  static Path top() {
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

  private static void assertShown(String page, int atLeast, String... tests) throws IOException {
    List<String> run = new ArrayList<>();
    for (String test : tests) {
      run.addAll(
          find(RUN, "tests/conformance/src/test/java/org/iommu4j/examples/" + test + ".java"));
    }
    assertTrue(run.size() >= atLeast, run::toString);
    assertEquals(run, find(SHOWN, page));
  }

  @Test
  void driversShowWhatRuns() throws IOException {
    assertShown("docs/drivers.md", 5, "EduDriverTest", "RingNicDriver", "RingNicDriverTest");
  }

  @Test
  void theAttackerShowsWhatRuns() throws IOException {
    assertShown("docs/attacker.md", 1, "AttackTest");
  }

  @Test
  void handingOutShowsWhatRuns() throws IOException {
    assertShown(
        "docs/vfio.md", 7, "HandedOut", "GuestStoryTest", "PollModeDriver", "UserSpaceDriverTest");
  }
}
