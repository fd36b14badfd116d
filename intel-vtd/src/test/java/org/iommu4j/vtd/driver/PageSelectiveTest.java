package org.iommu4j.vtd.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.junit.jupiter.api.Test;

/**
 * What the hardware is asked to forget when pages are unmapped: {@code
 * drivers/iommu/intel/iommu.c:iommu_flush_iotlb_psi}.
 */
final class PageSelectiveTest {
  private static List<String> asked(
      Capabilities capabilities, long pfn, long pages, boolean leavesOnly) {
    UnitBench bench = new UnitBench(capabilities);
    bench.takeAsked();
    bench.domain(5).flushPages(pfn, pages, leavesOnly);
    return bench.takeAsked();
  }

  @Property(tries = 300)
  void theSmallestBlockAroundThePagesIsInvalidatedOrTheDomainWhereThatIsTooLarge(
      @ForAll @LongRange(min = 1, max = 1L << 36) long pfn,
      @ForAll @IntRange(min = 1, max = 1 << 19) int pages,
      @ForAll boolean queued,
      @ForAll boolean selective,
      @ForAll @IntRange(min = 0, max = 30) int largestMask) {
    Capabilities capabilities =
        (queued ? UnitBench.QUEUE : UnitBench.REGISTERS)
            .withCap(Cap.PSI, selective ? 1 : 0)
            .withCap(Cap.MAMV, largestMask);
    int mask = 0;
    while (pfn >>> mask != (pfn + pages - 1) >>> mask) {
      mask++;
    }
    String expected =
        selective && mask <= largestMask
            ? String.format("iotlb selected, domain 5, from %x mask %d", pfn << 12, mask)
            : "iotlb domain, domain 5";
    assertEquals(List.of(expected), asked(capabilities, pfn, pages, false));
  }

  @Test
  void theLargestMaskIsStillUsedAndTheNextIsNot() {
    Capabilities upToEight = UnitBench.QUEUE.withCap(Cap.MAMV, 3);
    assertEquals(
        List.of("iotlb selected, domain 5, from 40000 mask 3"), asked(upToEight, 64, 8, false));
    assertEquals(List.of("iotlb domain, domain 5"), asked(upToEight, 64, 9, false));
    assertEquals(List.of("iotlb domain, domain 5"), asked(upToEight, 63, 2, false));
  }

  @Test
  void registersAreToldThatOnlyLeavesChangedAndTheQueueIsNot() {
    assertEquals(
        List.of("iotlb selected, domain 5, from 7000 mask 0 leaves only"),
        asked(UnitBench.REGISTERS, 7, 1, true));
    assertEquals(
        List.of("iotlb selected, domain 5, from 7000 mask 0"), asked(UnitBench.QUEUE, 7, 1, true));
  }
}
