package org.iommu4j.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReleaseTest {
  private static final String GCC = " (builder@host) (gcc (Ubuntu 11.4.0-1ubuntu1) 11.4.0) ";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5.10.0-46-amd64 | #1 SMP Debian 5.10.262-1 (2026-07-31) | DEBIAN | 262 | -46-amd64",
        "5.10.0-46-amd64 | '' | DEBIAN | -1 | -46-amd64",
        "6.12.117+deb12-amd64 | #1 SMP Debian 6.12.117-1~deb12u1 (2026) | DEBIAN | 117 | +deb12-amd64",
        "6.12.117+deb12-amd64 | '' | DEBIAN | 117 | +deb12-amd64",
        "6.8.11-amd64 | #1 SMP Debian 6.8.11-1 (2024-05-26) | DEBIAN | 11 | -amd64",
        "5.15.0-91-generic | #101-Ubuntu SMP Tue Nov 14 | UBUNTU | -1 | -91-generic",
        "5.15.0-91-generic | #1~20.04-Ubuntu (Ubuntu 5.15.0-91.101-generic 5.15.131) | UBUNTU | 131"
            + " | -91-generic",
        "5.14.0-362.8.1.el9_3.x86_64 | #1 SMP | ENTERPRISE_LINUX | -1 | -362.8.1.el9_3.x86_64",
        "6.8.12-4-pve | #1 SMP PREEMPT_DYNAMIC PMX 6.8.12-4 | PROXMOX | -1 | -4-pve",
        "5.14.21-150500.55.39-default | #1 SMP | SUSE | -1 | -150500.55.39-default",
        "6.14.0 | #45 SMP PREEMPT Sun Apr 20 | UPSTREAM | 0 | ''",
        "6.9.7-arch1-1 | #1 SMP | UPSTREAM | 7 | -arch1-1",
        "5.10 | '' | UPSTREAM | -1 | ''",
      })
  void theKernelsTextTellsWhoseBuildAndWhichUpdateItIs(
      String name, String build, Distribution distribution, int patch, String tag) {
    String banner = "Linux version " + name + (build.isEmpty() ? "" : GCC + build);
    Release release = Release.parse(banner).orElseThrow();
    assertEquals(name, release.text());
    assertEquals(distribution, release.distribution());
    assertEquals(patch, release.patch());
    assertEquals(tag, release.tag());
    if (build.isEmpty()) {
      assertEquals(release, Release.parseName(name).orElseThrow());
    }
  }

  @Test
  void textWithoutAReleaseNamesNone() {
    assertTrue(Release.parse("5.10.0-46-amd64").isEmpty());
    assertTrue(Release.parse("Linux version unknown").isEmpty());
    assertTrue(Release.parseName("five").isEmpty());
    assertTrue(Release.parseName("5.10 6.1").isEmpty());
    assertEquals("5.123456", Release.parse("Linux version 5.123456").orElseThrow().text());
  }

  @Test
  void releasesAreInTheOrderOfTheirNumbersAndCandidatesComeFirst() {
    List<Release> ordered =
        List.of(
            Release.ASSUMED,
            Release.of(5, 10, 0),
            Release.of(5, 10, 9),
            Release.of(5, 10, 10),
            Release.of(6, 1, 0),
            Release.parseName("6.12.0-rc1").orElseThrow(),
            Release.parseName("6.12.0-rc10").orElseThrow(),
            Release.of(6, 12, 0),
            Release.of(6, 12, 1));
    List<Release> shuffled = new ArrayList<>(ordered);
    Collections.reverse(shuffled);
    Collections.sort(shuffled);
    assertEquals(ordered, shuffled);
  }

  @Provide
  Arbitrary<Release> releases() {
    return Combinators.combine(
            Arbitraries.integers().between(4, 7),
            Arbitraries.integers().between(0, 19),
            Arbitraries.integers().between(0, 300),
            Arbitraries.of("", "-46-amd64", "-rc3", "-4-pve", "-91-generic", "+deb12-amd64"))
        .as((major, minor, patch, tag) -> major + "." + minor + "." + patch + tag)
        .map(name -> Release.parseName(name).orElseThrow());
  }

  @Property(tries = 500)
  void theOrderAgreesWithEqualityAndWithTheSeries(
      @ForAll("releases") Release one, @ForAll("releases") Release other) {
    assertEquals(one.equals(other), one.compareTo(other) == 0);
    assertEquals(Integer.signum(one.compareTo(other)), -Integer.signum(other.compareTo(one)));
    if (one.compareSeries(other) != 0) {
      assertEquals(one.compareSeries(other) < 0, one.compareTo(other) < 0);
    }
    assertEquals(one.series().equals(other.series()), one.isSameSeries(other));
  }

  @Property(tries = 200)
  void aReleaseIsReadBackFromItsText(@ForAll("releases") Release release) {
    assertEquals(release, Release.parseName(release.toString()).orElseThrow());
    assertEquals(release, Release.parse("Linux version " + release + " #1 SMP").orElseThrow());
    assertFalse(release.text().isEmpty());
  }
}
