package org.iommu4j.swiotlb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PoolShapeTest {
  private final List<String> lines = new ArrayList<>();

  private PoolShape of(SwiotlbRules rules, long slots, int areas, int cpus) {
    lines.clear();
    return PoolShape.of(rules, slots, areas, cpus, lines::add);
  }

  @Test
  void onePoolIsAsLargeAsAskedFor() {
    assertEquals(
        new PoolShape(32768, 1),
        of(Rules.USUAL, PoolShape.SLOTS_NOT_ASKED, PoolShape.AREAS_NOT_ASKED, 4));
    assertEquals(new PoolShape(384, 1), of(Rules.USUAL, 384, 8, 4));
    assertEquals(List.of(), lines);
  }

  @Test
  void aPoolHasAnAreaACpu() {
    assertEquals(
        new PoolShape(32768, 4),
        of(Rules.LATER, PoolShape.SLOTS_NOT_ASKED, PoolShape.AREAS_NOT_ASKED, 3));
    assertEquals(List.of("software IO TLB: area num 4."), lines);
    assertEquals(new PoolShape(32768, 1), of(Rules.LATER, PoolShape.SLOTS_NOT_ASKED, 0, 3));
    assertEquals(new PoolShape(32768, 8), of(Rules.LATER, PoolShape.SLOTS_NOT_ASKED, 5, 3));
  }

  @Test
  void anAreaHasASegment() {
    assertEquals(new PoolShape(512, 4), of(Rules.LATER, 128, PoolShape.AREAS_NOT_ASKED, 4));
    assertEquals(
        List.of(
            "software IO TLB: area num 4.",
            "software IO TLB: SWIOTLB bounce buffer size roundup to 1MB"),
        lines);
  }

  @Test
  void zeroSlotsAreTheUsualPoolInOldReleasesAndTheSmallestInLaterOnes() {
    assertEquals(new PoolShape(32768, 1), of(Rules.USUAL, 0, PoolShape.AREAS_NOT_ASKED, 4));
    assertEquals(new PoolShape(512, 4), of(Rules.LATER, 0, PoolShape.AREAS_NOT_ASKED, 4));
  }

  @Test
  void aPoolIsAPowerOfTwo() {
    assertEquals(new PoolShape(1024, 2), of(Rules.LATEST, 640, PoolShape.AREAS_NOT_ASKED, 2));
    assertEquals("software IO TLB: SWIOTLB bounce buffer size roundup to 2MB", lines.get(1));
  }

  @Test
  void withoutMemoryAPoolIsHalvedDownToAMebibyte() {
    PoolShape shape = new PoolShape(4096, 16).smaller(Rules.LATER);
    assertEquals(new PoolShape(2048, 16), shape);
    shape = shape.smaller(Rules.LATER);
    assertEquals(new PoolShape(1024, 8), shape);
    shape = shape.smaller(Rules.LATER);
    assertEquals(new PoolShape(512, 4), shape);
    assertSame(shape, shape.smaller(Rules.LATER));
  }
}
