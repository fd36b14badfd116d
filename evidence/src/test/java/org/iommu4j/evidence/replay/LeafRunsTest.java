package org.iommu4j.evidence.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leaves of a page table, as the recording module prints them. */
final class LeafRunsTest {
  private static final long PAGE = 4096;
  private static final long LARGE = 2 << 20;
  private static final long HUGE = 1 << 30;

  private final List<String> lines = new ArrayList<>();
  private final LeafRuns runs = new LeafRuns(lines);

  @Test
  void whatContinuesOnBothSidesWithTheSameBitsIsOneRun() {
    runs.leaf(0, 0x10000, PAGE, 1, 3);
    runs.leaf(PAGE, 0x10000 + PAGE, PAGE, 1, 3);
    runs.leaf(2 * PAGE, 0x10000 + 2 * PAGE, PAGE, 1, 1);
    runs.leaf(3 * PAGE, 0x20000, PAGE, 1, 1);
    runs.leaf(5 * PAGE, 0x21000, PAGE, 1, 1);
    runs.end();
    assertEquals(
        List.of(
            "  pte iova=0x0 phys=0x10000 len=0x2000 level=1 bits=0x3",
            "  pte iova=0x2000 phys=0x12000 len=0x1000 level=1 bits=0x1",
            "  pte iova=0x3000 phys=0x20000 len=0x1000 level=1 bits=0x1",
            "  pte iova=0x5000 phys=0x21000 len=0x1000 level=1 bits=0x1"),
        lines);
  }

  @Test
  void largePagesOfTwoSizesAreTwoRuns() {
    runs.leaf(HUGE - LARGE, HUGE - LARGE, LARGE, 2, 0x83);
    runs.leaf(HUGE, HUGE, HUGE, 3, 0x83);
    runs.end();
    assertEquals(
        List.of(
            "  pte iova=0x3fe00000 phys=0x3fe00000 len=0x200000 level=2 bits=0x83",
            "  pte iova=0x40000000 phys=0x40000000 len=0x40000000 level=3 bits=0x83"),
        lines);
  }

  @Test
  void noLeafIsNoLine() {
    runs.end();
    assertEquals(List.of(), lines);
  }
}
