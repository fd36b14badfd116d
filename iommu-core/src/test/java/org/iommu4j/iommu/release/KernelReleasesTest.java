package org.iommu4j.iommu.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.BootOptions;
import org.junit.jupiter.api.Test;

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
  void aReleaseThatIsNotKnownIsRefusedOrFollowsTheNearest() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> KernelReleases.rules(release("6.1.0-56-amd64")))
            .getMessage();
    assertEquals("Linux 6.1.0-56-amd64 is not modelled; 5.10 is", message);
    assertEquals(Optional.empty(), KernelReleases.find(release("6.1")));
    assertEquals(Optional.empty(), KernelReleases.named("5.10.0"));
    assertSame(Linux510.RULES, KernelReleases.nearest(release("6.1.0-56-amd64")));
    assertSame(Linux510.RULES, KernelReleases.nearest(release("4.19")));
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
