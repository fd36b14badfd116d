package org.iommu4j.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SinceTest {
  private static final Since TRUST = Since.of("6.13, 6.12.30, 6.1.140");

  @ParameterizedTest
  @CsvSource({
    "5.10.262, false, true",
    "6.1.139, false, true",
    "6.1.140, true, true",
    "6.1, false, false",
    "6.1.0-56-amd64, false, false",
    "6.6.200, false, true",
    "6.12.29, false, true",
    "6.12.117+deb12-amd64, true, true",
    "6.13.0-rc1, true, true",
    "6.13, true, true",
    "7.3.4+deb13-amd64, true, true",
    "5.14.0-362.8.1.el9_3.x86_64, false, false",
    "5.15.0-91-generic, false, false",
    "6.8.12-4-pve, false, false",
    "6.14.0-29-generic, true, true"
  })
  void stableUpdatesCountInTheirOwnSeries(String name, boolean contains, boolean tells) {
    Release release = Release.parseName(name).orElseThrow();
    assertEquals(contains, TRUST.contains(release));
    assertEquals(tells, TRUST.tells(release));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "6.13.1", "6.13, 6.12", "6.13, 6.12.30, 6.12.31", "6.13, x", "6.13-y"})
  void aListNeedsAMainLineAndOneUpdateASeries(String list) {
    assertThrows(IllegalArgumentException.class, () -> Since.of(list));
  }

  @Test
  void aSpanEndsWhereItsRowIsTakenOut() {
    ReleaseSpan span = ReleaseSpan.since("5.15, 5.10.100").endedBy("6.13, 6.12.30");
    assertFalse(span.contains(Release.of(5, 10, 99)));
    assertTrue(span.contains(Release.of(5, 10, 100)));
    assertTrue(span.contains(Release.of(6, 12, 29)));
    assertFalse(span.contains(Release.of(6, 12, 30)));
    assertTrue(ReleaseSpan.until("6.0").contains(Release.of(5, 19, 0)));
    assertFalse(span.tells(Release.parseName("5.14.0-70.el9.x86_64").orElseThrow()));
    Release build = Release.parseName("5.15.0-91-generic").orElseThrow();
    assertTrue(ReleaseSpan.ALWAYS.contains(build) && ReleaseSpan.ALWAYS.tells(build));
    assertEquals(Since.of("6.13, 6.1.140, 6.12.30"), TRUST);
    assertEquals(TRUST.hashCode(), Since.of("6.13,6.12.30,6.1.140").hashCode());
    assertEquals("6.13, 6.12.30, 6.1.140", TRUST.toString());
  }

  /** Minor numbers of 6.x below 15, each with its first update that has it. */
  @Provide
  Arbitrary<Map<Integer, Integer>> backports() {
    return Arbitraries.maps(
            Arbitraries.integers().between(0, 14), Arbitraries.integers().between(1, 40))
        .ofMaxSize(6);
  }

  @Property(tries = 300)
  void aReleaseHasItExactlyIfItsSeriesHasByThen(
      @ForAll("backports") Map<Integer, Integer> backports) {
    String list =
        new TreeMap<>(backports)
            .entrySet().stream()
                .map(update -> "6." + update.getKey() + "." + update.getValue() + ",")
                .collect(Collectors.joining());
    Since since = Since.of(list + "6.15");
    for (int minor = 0; minor < 20; minor++) {
      for (int patch = 0; patch < 50; patch++) {
        boolean has = minor >= 15 || patch >= backports.getOrDefault(minor, Integer.MAX_VALUE);
        assertEquals(has, since.contains(Release.of(6, minor, patch)), since + " " + minor);
        assertEquals(
            has, ReleaseSpan.since(since.toString()).contains(Release.of(6, minor, patch)));
        assertEquals(
            !has, ReleaseSpan.until(since.toString()).contains(Release.of(6, minor, patch)));
      }
    }
    assertFalse(since.contains(Release.of(5, 19, 49)));
    assertTrue(since.contains(Release.of(7, 0, 0)));
  }
}
