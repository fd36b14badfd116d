package org.iommu4j.vtd.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.junit.jupiter.api.Test;

/** What is left of a range that is cleared, by the rules of a release. */
final class TableRulesTest {
  private static final long RIGHTS = 3;
  private static final long TABLE_PAGES = 512;
  private static final long FIRST_PFN = 3 * TABLE_PAGES / 2;

  /** Returns how many pages stay mapped when as many as a table has are unmapped. */
  private static long leftBy(TableRules rules, long firstPfn) {
    PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(1L << 20, 1L << 26)));
    FrameAllocator frames = new FrameAllocator(memory, List.of(new PhysRange(1L << 20, 1L << 26)));
    FreedTables freed = new FreedTables(frames);
    PageTable table = PageTable.empty(memory, frames, 4);
    PageTableTrimmer trimmer = new PageTableTrimmer(table, freed, rules);
    PageMapper mapper = new PageMapper(table, trimmer, line -> {});
    assertTrue(mapper.map(firstPfn, 0x100, TABLE_PAGES, RIGHTS, 0));
    freed.free(trimmer.unmap(firstPfn, firstPfn + TABLE_PAGES - 1));
    long[] left = new long[1];
    table.visit((iova, phys, length, level, bits) -> left[0] += length >> 12);
    return left[0];
  }

  @Test
  void theEndOfARangeThatBeginsWithinATableIsPassedOverWhereClearingGoesOnByAnEntrysSize() {
    assertEquals(TABLE_PAGES / 2, leftBy(TableRules.EAGER, FIRST_PFN));
    assertEquals(0, leftBy(TableRules.GATHERING, FIRST_PFN));
  }

  @Test
  void aRangeThatBeginsWithATableIsClearedInAnyCase() {
    assertEquals(0, leftBy(TableRules.EAGER, 2 * TABLE_PAGES));
    assertEquals(0, leftBy(TableRules.GATHERING, 2 * TABLE_PAGES));
  }
}
