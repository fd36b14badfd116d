package org.iommu4j.iova;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class GapRoomTest {
  private static final int SMALL = 80;

  @Test
  void theAlignedRoomIsTheWidestRangeThatFitsInEverySmallGap() {
    for (long floorPfn = 0; floorPfn < SMALL; floorPfn++) {
      for (long endPfn = floorPfn; endPfn < SMALL; endPfn++) {
        for (int pages = 1; pages <= SMALL; pages++) {
          assertEquals(
              fits(floorPfn, endPfn, pages),
              pages <= GapRoom.alignedRoom(floorPfn, endPfn),
              pages + " pages in [" + floorPfn + ", " + endPfn + ")");
        }
      }
    }
  }

  private static boolean fits(long floorPfn, long endPfn, int pages) {
    int alignment = 1;
    while (alignment < pages) {
      alignment *= 2;
    }
    for (long pfn = 0; pfn + pages <= endPfn; pfn += alignment) {
      if (pfn >= floorPfn) {
        return true;
      }
    }
    return false;
  }

  @Property
  void wideGapsAreMeasuredWithoutOverflow(
      @ForAll @LongRange(min = 0, max = 1L << 52) long floorPfn,
      @ForAll @LongRange(min = 1L << 34, max = Long.MAX_VALUE) long pages) {
    assertEquals(GapRoom.HUGE, GapRoom.alignedRoom(floorPfn, floorPfn + pages));
  }

  @Test
  void aGapUpToTheAnchorIsHuge() {
    assertEquals(GapRoom.HUGE, GapRoom.alignedRoom(0, -1L));
    assertEquals(GapRoom.HUGE, GapRoom.capped(-1L));
  }

  @Test
  void anEmptyGapTakesNothing() {
    assertEquals(0, GapRoom.alignedRoom(5, 5));
    assertEquals(0, GapRoom.alignedRoom(-1L, -1L));
  }
}
