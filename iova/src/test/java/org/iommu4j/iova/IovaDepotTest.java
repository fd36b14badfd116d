package org.iommu4j.iova;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.iommu4j.base.ManualTimers;
import org.junit.jupiter.api.Test;

class IovaDepotTest {
  private static final int MAGAZINE = 128;
  private static final int DEPOT = 32;
  private static final long LIMIT_32 = 0xfffff;

  private final IovaDomain domain = new IovaDomain(Rules.USUAL, 4096, 1, 2);

  private long[] allocate(int count) {
    long[] pfns = new long[count];
    for (int i = 0; i < count; i++) {
      pfns[i] = domain.alloc(1, LIMIT_32, true);
    }
    return pfns;
  }

  private void free(int cpu, long[] pfns) {
    for (long pfn : pfns) {
      domain.freeFast(cpu, pfn, 1);
    }
  }

  @Test
  void aThirdMagazineSendsTheFirstLoadedOneToTheDepotForAllCpus() {
    long[] pfns = allocate(3 * MAGAZINE);
    free(0, pfns);
    // Loaded when the third was needed: the second one.
    assertEquals(pfns[2 * MAGAZINE - 1], domain.allocFast(1, 1, LIMIT_32, false));
    assertEquals(pfns[3 * MAGAZINE - 1], domain.allocFast(0, 1, LIMIT_32, false));
  }

  @Test
  void theDepotKeepsItsRangesWhenTheCpusCachesAreFlushed() {
    free(0, allocate(3 * MAGAZINE));
    domain.freeCpuCached(0);
    domain.freeCpuCached(1);
    assertEquals(MAGAZINE, domain.ranges().size());
  }

  @Test
  void withTheDepotFullAMagazineGoesBackToTheTree() {
    int kept = (DEPOT + 2) * MAGAZINE;
    free(0, allocate(kept + 1));
    assertEquals(kept + 1 - MAGAZINE, domain.ranges().size());
    domain.checkInvariants();
  }

  @Test
  void aDepotWithoutALimitKeepsAll() {
    IovaDomain latest = new IovaDomain(Rules.LATEST, 4096, 1, 2, new ManualTimers());
    long[] pfns = new long[127 * 70];
    Arrays.setAll(pfns, i -> latest.alloc(1, LIMIT_32, true));
    for (long pfn : pfns) {
      latest.freeFast(0, pfn, 1);
    }
    assertEquals(pfns.length, latest.ranges().size());
    latest.freeCpuCached(0);
    assertEquals(127 * 68, latest.ranges().size());
  }

  @Test
  void magazinesGoOneByOneWhileThereAreMoreThanCpus() {
    ManualTimers timers = new ManualTimers();
    IovaDomain latest = new IovaDomain(Rules.LATEST, 4096, 1, 2, timers);
    long[] pfns = new long[127 * 6];
    Arrays.setAll(pfns, i -> latest.alloc(1, LIMIT_32, true));
    for (long pfn : pfns) {
      latest.freeFast(0, pfn, 1);
    }
    timers.advance(99);
    assertEquals(127 * 6, latest.ranges().size());
    timers.advance(1);
    assertEquals(127 * 5, latest.ranges().size());
    timers.advance(100);
    assertEquals(127 * 4, latest.ranges().size());
    timers.advance(1000);
    assertEquals(127 * 4, latest.ranges().size(), "two in the depot, for two CPUs");
  }

  @Test
  void nothingAgesOnceTheDomainIsClosed() {
    ManualTimers timers = new ManualTimers();
    IovaDomain latest = new IovaDomain(Rules.LATEST, 4096, 1, 1, timers);
    for (int i = 0; i < 127 * 5; i++) {
      latest.freeFast(0, latest.alloc(1, LIMIT_32, true), 1);
    }
    int before = latest.ranges().size();
    latest.close();
    timers.advance(1000);
    assertEquals(before, latest.ranges().size());
  }

  @Test
  void rulesOfAgingNeedTime() {
    assertThrows(IllegalArgumentException.class, () -> new IovaDomain(Rules.LATEST, 4096, 1, 2));
  }

  @Test
  void theSpareIsNotTriedWhileTheLoadedMagazineHoldsOnlyHighRanges() {
    long low = domain.alloc(1, 0x1000, true);
    IovaDomain fresh = new IovaDomain(Rules.USUAL, 4096, 1, 1);
    assertEquals(low, fresh.alloc(1, 0x1000, true));
    long[] high = new long[MAGAZINE];
    for (int i = 0; i < MAGAZINE; i++) {
      high[i] = fresh.alloc(1, LIMIT_32 + MAGAZINE * 2L, true);
    }
    fresh.freeFast(0, low, 1);
    for (long pfn : high) {
      fresh.freeFast(0, pfn, 1);
    }
    assertEquals(low - 1, fresh.allocFast(0, 1, 0x1000, false), "a new range, not the cached one");
  }

  @Test
  void passingRangesFromCpuToCpuLosesNone() {
    long[] pfns = allocate(5 * MAGAZINE);
    for (int round = 0; round < 20; round++) {
      free(0, pfns);
      for (int i = 0; i < pfns.length; i++) {
        pfns[i] = domain.allocFast(1, 1, LIMIT_32, false);
      }
    }
    free(1, pfns);
    assertEquals(pfns.length, Arrays.stream(pfns).distinct().count());
  }
}
