package org.iommu4j.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.iommu4j.base.Since;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.history.ReleaseChoice;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** {@code docs/releases.md} has a line for each rule in which a release differs, and no other. */
final class ReleasesDocTest {
  private static final Pattern LINE = Pattern.compile("(?m)^- `([\\w.-]+)`: ");

  private static String page() throws IOException {
    Path top = Path.of("").toAbsolutePath();
    while (!Files.exists(top.resolve("ARCHITECTURE.md"))) {
      top = top.getParent();
    }
    return Files.readString(top.resolve("docs/releases.md"));
  }

  /** Returns the part of the page that is about a release. */
  private static String section(String series) throws IOException {
    String page = page();
    int start = page.indexOf("\n## Linux " + series + "\n");
    assertTrue(start >= 0, () -> "the page has no part on " + series);
    int end = page.indexOf("\n## ", start + 1);
    return page.substring(start, end < 0 ? page.length() : end);
  }

  private static List<String> names(String series) throws IOException {
    List<String> names = new ArrayList<>();
    Matcher line = LINE.matcher(section(series));
    while (line.find()) {
      names.add(line.group(1));
    }
    return names;
  }

  @TestFactory
  Stream<DynamicTest> everyRuleThatAReleaseChangedHasItsLine() {
    List<KernelRules> known = KernelReleases.all();
    return IntStream.range(1, known.size())
        .mapToObj(
            i ->
                DynamicTest.dynamicTest(
                    known.get(i).toString(), () -> compare(known.get(i - 1), known.get(i))));
  }

  private static void compare(KernelRules before, KernelRules after) throws IOException {
    List<String> said = names(after.release().series());
    assertEquals(
        String.join("\n", RuleDifferences.between(before, after)),
        String.join("\n", ImmutableSortedSet.copyOf(said)));
    assertEquals(ImmutableSortedSet.copyOf(said).size(), said.size(), "a rule has one line");
  }

  @Test
  void whatIsDatedSaysSinceWhen() throws IOException {
    String page = page();
    for (Map.Entry<String, Since> dated : ReleaseChoice.dates().entrySet()) {
      int line = page.indexOf("- `" + dated.getKey() + "`: ");
      assertTrue(line >= 0, dated.getKey());
      int next = page.indexOf("\n- ", line);
      String words = page.substring(line, next).replaceAll("\\s+", " ");
      for (String release : Splitter.on(", ").split(dated.getValue().toString())) {
        assertTrue(words.contains(release), () -> dated + " against " + words);
      }
      assertTrue(words.contains("since "), words);
    }
  }
}
