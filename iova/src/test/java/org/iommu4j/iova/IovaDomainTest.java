package org.iommu4j.iova;

import static org.iommu4j.iova.IovaDomain.NO_PFN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class IovaDomainTest {
  private static final long LIMIT_32 = 0xfffff;
  private static final long LIMIT_48 = (1L << 36) - 1;

  private final IovaDomain domain = new IovaDomain(Rules.USUAL, 4096, 1, 2);

  @Test
  void theFirstRangeIsTheHighestBelowTheLimit() {
    assertEquals(0xfffff, domain.allocFast(0, 1, LIMIT_32, true));
    assertEquals(0xffffe, domain.allocFast(0, 1, LIMIT_32, true));
    assertEquals(0xffff0, domain.allocFast(0, 8, LIMIT_32, true));
  }

  @Test
  void rangesFreedOnACpuAreReusedThereNewestFirst() {
    long first = domain.allocFast(0, 4, LIMIT_32, true);
    long second = domain.allocFast(0, 4, LIMIT_32, true);
    domain.freeFast(0, first, 4);
    domain.freeFast(0, second, 4);
    assertEquals(0xffff4, domain.allocFast(1, 4, LIMIT_32, true), "not on another CPU");
    assertEquals(second, domain.allocFast(0, 4, LIMIT_32, true));
    assertEquals(first, domain.allocFast(0, 4, LIMIT_32, true));
  }

  @Test
  void aCachedRangeStaysInTheTree() {
    long pfn = domain.allocFast(0, 2, LIMIT_32, true);
    domain.freeFast(0, pfn, 2);
    assertEquals(new IovaRange(pfn, pfn + 1), domain.find(pfn + 1));
    domain.freeCpuCached(0);
    assertNull(domain.find(pfn));
  }

  @Test
  void aRangeFreedWithAnotherSizeIsHandedOutAsThatSize() {
    long pfn = domain.allocFast(0, 8, LIMIT_32, true);
    domain.freeFast(0, pfn, 1);
    assertEquals(pfn, domain.allocFast(0, 1, LIMIT_32, true));
    assertEquals(new IovaRange(pfn, pfn + 7), domain.find(pfn));
  }

  @Test
  void aSizeThatIsNoPowerOfTwoComesBackAsOneThatIs() {
    domain.reserve(0xffffd, 0xfffff);
    long three = domain.allocFast(0, 3, LIMIT_32, true);
    domain.freeFast(0, three, 3);
    assertEquals(three, domain.allocFast(0, 4, LIMIT_32, true));
    assertEquals(3, domain.ranges().get(0).sizePages());
  }

  @Test
  void theCacheIsScannedForARangeBelowTheLimit() {
    long high = domain.alloc(1, LIMIT_32, true);
    long low = domain.alloc(1, 0x1000, true);
    domain.freeFast(0, low, 1);
    domain.freeFast(0, high, 1);
    assertEquals(low, domain.allocFast(0, 1, 0x1000, false));
    assertEquals(high, domain.allocFast(0, 1, LIMIT_32, false));
  }

  @Test
  void aLimitBelowTheSizeIsNoLimitForTheCache() {
    long pfn = domain.allocFast(0, 16, LIMIT_32, true);
    domain.freeFast(0, pfn, 16);
    assertEquals(pfn, domain.allocFast(0, 16, 3, false));
  }

  @Test
  void theTreeOnlyLooksBelowTheRangePlacedLast() {
    long top = domain.alloc(1, LIMIT_32, true);
    domain.alloc(1, 0x10, true);
    domain.alloc(1, LIMIT_32, true);
    assertEquals(0xfffff, top);
    assertEquals(0xf, domain.tree().cached32Pfn(), "went on below the low range");
  }

  @Test
  void aFailedSearchForAHighRangeClosesTheLowOnesToo() {
    assertEquals(NO_PFN, domain.alloc(1L << 40, LIMIT_48, true));
    assertEquals(1L << 40, domain.tree().max32AllocPages());
    domain.reserve(1, LIMIT_48);
    assertEquals(NO_PFN, domain.alloc(2, LIMIT_48, true));
    assertEquals(2, domain.tree().max32AllocPages());
  }

  @Test
  void afterAFailureBelow4GiBOnlySmallerRangesAreTriedUntilAFreeThere() {
    domain.reserve(0x100, LIMIT_32);
    long pfn = domain.alloc(1, LIMIT_32, true);
    assertEquals(0, domain.allocFast(0, 256, LIMIT_32, true));
    assertEquals(256, domain.tree().max32AllocPages());
    assertEquals(0x80, domain.alloc(64, LIMIT_32, true));
    domain.free(pfn);
    assertEquals(1L << 20, domain.tree().max32AllocPages());
  }

  @Test
  void aSpaceThatIsFullOfCachedRangesIsFlushedAndTriedAgain() {
    IovaDomain small = new IovaDomain(Rules.USUAL, 4096, 1, 2);
    small.reserve(0x10, LIMIT_32);
    for (int cpu = 0; cpu < 2; cpu++) {
      long pfn = small.allocFast(cpu, 4, LIMIT_32, false);
      small.freeFast(cpu, pfn, 4);
    }
    assertEquals(0, small.allocFast(0, 8, LIMIT_32, false));
    assertEquals(8, small.allocFast(0, 8, LIMIT_32, true));
    assertEquals(1, small.ranges().stream().filter(range -> range.loPfn() < 0x10).count());
  }

  @Test
  void pageFrame0CannotBeToldFromFailure() {
    IovaDomain fromZero = new IovaDomain(Rules.USUAL, 4096, 0, 1);
    assertEquals(0, fromZero.allocFast(0, 1, 0, false));
    assertEquals(new IovaRange(0, 0), fromZero.find(0), "but it was allocated");
    assertEquals(NO_PFN, fromZero.alloc(1, 0, true));
  }

  @Test
  void theHighestLimitOfAllAllowsNothing() {
    assertEquals(NO_PFN, domain.alloc(1, -1L, true));
  }

  @Test
  void unalignedRangesAreStackedWithoutGaps() {
    assertEquals(0xffffd, domain.alloc(3, LIMIT_32, false));
    assertEquals(0xffffa, domain.alloc(3, LIMIT_32, false));
    assertEquals(0xffff4, domain.alloc(3, LIMIT_32, true));
  }

  @Test
  void freeingAnyPageFreesTheWholeRange() {
    long pfn = domain.alloc(64, LIMIT_32, true);
    assertTrue(domain.free(pfn + 63));
    assertFalse(domain.free(pfn));
  }

  @Test
  void aReservationGrowsRangesInItsWayDownwards() {
    domain.reserve(0x20, 0x2f);
    domain.reserve(0x40, 0x4f);
    assertEquals(new IovaRange(0x50, 0x5f), domain.reserve(0x10, 0x5f));
    assertEquals(
        List.of(new IovaRange(0x10, 0x2f), new IovaRange(0x30, 0x4f), new IovaRange(0x50, 0x5f)),
        domain.ranges());
  }

  @Test
  void adjacentReservationsStayApart() {
    domain.reserve(0x20, 0x2f);
    assertEquals(new IovaRange(0x30, 0x3f), domain.reserve(0x30, 0x3f));
    assertEquals(new IovaRange(0x20, 0x2f), domain.reserve(0x22, 0x23), "what is there already");
    assertEquals(2, domain.ranges().size());
  }

  @Test
  void aReservationBeyondTheAddressSpaceIsRefused() {
    assertNull(domain.reserve(0, 1L << 52));
    assertNull(domain.reserve(-1L, -1L));
    assertEquals(List.of(), domain.ranges());
  }

  @Test
  void aReservationOfTheLastByteGrowsTheAnchor() {
    IovaDomain bytes = new IovaDomain(Rules.USUAL, 1, 1, 1);
    assertEquals(new IovaRange(-16L, -1L), bytes.reserve(-16L, -1L));
    assertEquals(-17L, bytes.alloc(1, -2L, true));
    assertThrows(IllegalArgumentException.class, () -> bytes.free(-1L));
  }

  @Test
  void copyingReservationsTakesAllocatedRangesAlong() {
    domain.reserve(0xfee00, 0xfeeff);
    long pfn = domain.alloc(1, LIMIT_32, true);
    IovaDomain copy = new IovaDomain(Rules.USUAL, 4096, 1, 1);
    copy.copyReservedFrom(domain);
    assertEquals(domain.ranges(), copy.ranges());
    assertEquals(pfn - 1, copy.alloc(1, LIMIT_32, true));
  }

  @Test
  void granulesBelowAPageMoveThe32BitBoundary() {
    IovaDomain fine = new IovaDomain(Rules.USUAL, 512, 1, 1);
    assertEquals(9, fine.shift());
    assertEquals(1L << 23, fine.tree().max32AllocPages());
  }

  @Test
  void misuseIsNamedInHex() {
    assertThrows(IllegalArgumentException.class, () -> new IovaDomain(Rules.USUAL, 8192, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new IovaDomain(Rules.USUAL, 48, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new IovaDomain(Rules.USUAL, 4096, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> domain.alloc(0, LIMIT_32, true));
    assertThrows(IllegalArgumentException.class, () -> domain.allocFast(0, 0, LIMIT_32, true));
    assertThrows(IndexOutOfBoundsException.class, () -> domain.allocFast(2, 1, LIMIT_32, true));
    IllegalArgumentException upsideDown =
        assertThrows(IllegalArgumentException.class, () -> domain.reserve(0x20, 0x1f));
    assertTrue(String.valueOf(upsideDown.getMessage()).contains("0x20"));
  }

  @Test
  void aLiveRangeTakesLessThan50BytesOfHeap() {
    int live = 100_000;
    for (int i = 0; i < live; i++) {
      domain.alloc(1, LIMIT_48, true);
    }
    assertTrue(domain.rangesHeapBytes() < 50L * live, () -> domain.rangesHeapBytes() + " bytes");
  }
}
