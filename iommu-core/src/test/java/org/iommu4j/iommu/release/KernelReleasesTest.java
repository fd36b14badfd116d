package org.iommu4j.iommu.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.Immutable;
import java.util.List;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.BootOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelReleasesTest {
  @Immutable
  private record Doors(int open) implements ModuleRules {}

  @Immutable
  private record Lamps(int lit) implements ModuleRules {}

  private static Release release(String name) {
    return Release.parseName(name).orElseThrow();
  }

  @Test
  void everyBuildOfASeriesHasItsRules() {
    assertSame(Linux510.RULES, KernelReleases.rules(release("5.10.0-46-amd64")));
    assertSame(Linux510.RULES, KernelReleases.named("5.10").orElseThrow());
    assertSame(Linux510.RULES, BootOptions.defaults().withRelease(release("5.10")).rules());
    assertTrue(KernelReleases.all().contains(KernelReleases.usual()));
  }

  @Test
  void aReleaseThatIsNotKnownIsRefused() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> KernelReleases.rules(release("5.15.0-91-generic")))
            .getMessage();
    assertEquals("Linux 5.15.0-91-generic is not modelled; 5.10, 6.1, 6.12 is", message);
    assertEquals(Optional.empty(), KernelReleases.find(release("5.15")));
    assertEquals(Optional.empty(), KernelReleases.named("5.10.0"));
  }

  @ParameterizedTest
  @CsvSource({
    "2.6.32, 5.10",
    "4.18.0-553.el8_10.x86_64, 5.10",
    "5.4.172, 5.10",
    "5.10.0-46-amd64, 5.10",
    "5.11, 6.1",
    "5.15.0-91-generic, 6.1",
    "6.0.9-300.fc37.x86_64, 6.1",
    "6.1.0-56-amd64, 6.1",
    "6.2.16-3-pve, 6.1",
    "6.6.30, 6.1",
    "6.7, 6.12",
    "6.8.12-4-pve, 6.12",
    "6.11.0-rc4, 6.12",
    "6.12.117+deb12-amd64, 6.12",
    "6.19, 6.12",
    "7.3.4, 6.12"
  })
  void theNearestReleaseStandsForOneThatIsNotKnown(String ran, String modelled) {
    assertSame(KernelReleases.named(modelled).orElseThrow(), KernelReleases.nearest(release(ran)));
  }

  @ParameterizedTest
  @CsvSource({
    "5.10, 5.10, ''",
    "5.10, 6.1, ''",
    "5.10, 6.12, 6.1",
    "6.12, 5.10, 6.1",
    "6.12, 6.1, ''",
    "5.15, 6.12, ''"
  })
  void whatLiesBetweenTwoReleasesIsKnown(String first, String last, String between) {
    assertEquals(
        between.isEmpty() ? List.of() : List.of(KernelReleases.named(between).orElseThrow()),
        KernelReleases.between(release(first), release(last)));
  }

  @Test
  void modulesAboveTheCoreFindTheirOwn() {
    KernelRules rules =
        Linux510.RULES.with(Doors.class, new Doors(1)).with(Lamps.class, new Lamps(2));
    assertEquals(new Doors(1), rules.of(Doors.class).orElseThrow());
    KernelRules changed = rules.with(Doors.class, new Doors(3));
    assertEquals(new Doors(3), changed.of(Doors.class).orElseThrow());
    assertEquals(new Lamps(2), changed.of(Lamps.class).orElseThrow());
    assertEquals(Optional.empty(), Linux510.RULES.of(Lamps.class));
    assertEquals(Linux510.RULES.iova(), changed.iova());
  }
}
