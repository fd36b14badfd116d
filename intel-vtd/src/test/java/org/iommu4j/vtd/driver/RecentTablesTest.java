package org.iommu4j.vtd.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.junit.jupiter.api.Test;

/** Tables that are remembered, while tables come and go. */
final class RecentTablesTest {
  private static final long RIGHTS = SecondLevelEntry.R.mask() | SecondLevelEntry.W.mask();
  private static final long TABLE_PAGES = 512;

  /** Tables side by side, tables that share a place, and one under another table of level 2. */
  private static final long[] FIRST_PFNS = {
    0, TABLE_PAGES, 64 * TABLE_PAGES, 65 * TABLE_PAGES, TABLE_PAGES << 9, 1L << 30
  };

  private final RecentTables recent = new RecentTables();

  /** What is done to the pages of one table. */
  enum Step {
    MAP_PAGES,
    MAP_LARGE,
    UNMAP
  }

  @Property(tries = 300)
  void mappingsAreWhereAWalkFromTheRootFindsThem(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 17) Integer> steps) {
    PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(1L << 20, 1L << 30)));
    FrameAllocator frames = new FrameAllocator(memory);
    FreedTables freed = new FreedTables(frames);
    PageTable table = PageTable.empty(memory, frames, 4);
    PageTableTrimmer trimmer = new PageTableTrimmer(table, freed);
    PageMapper mapper = new PageMapper(table, trimmer, line -> {});
    Map<Long, Long> expected = new TreeMap<>();
    long physPfn = 0x10_0000;
    for (int step : steps) {
      long pfn = FIRST_PFNS[step % FIRST_PFNS.length];
      Step kind = Step.values()[step / FIRST_PFNS.length];
      freed.free(trimmer.unmap(pfn, pfn + TABLE_PAGES - 1));
      expected.remove(pfn);
      if (kind != Step.UNMAP) {
        physPfn += 2 * TABLE_PAGES;
        long offset = kind == Step.MAP_PAGES ? 1 : 0;
        assertTrue(mapper.map(pfn, physPfn + offset, TABLE_PAGES, RIGHTS, 1));
        expected.put(pfn, physPfn + offset);
      }
      for (long each : FIRST_PFNS) {
        Long phys = expected.get(each);
        assertEquals(phys == null ? 0 : phys << 12, table.translate(each << 12));
        assertEquals(
            phys == null ? 0 : (phys + TABLE_PAGES - 1) << 12,
            table.translate((each + TABLE_PAGES - 1) << 12));
      }
    }
  }

  /**
   * What is mapped over a leaf of 1 GiB has its table linked from the memory that the leaf maps.
   */
  @Test
  void aTableUnderALeafIsForgottenWithTheLeaf() {
    long gibPages = TABLE_PAGES << 9;
    PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(1L << 20, 2L << 30)));
    FrameAllocator frames = new FrameAllocator(memory, List.of(new PhysRange(1L << 20, 1L << 26)));
    FreedTables freed = new FreedTables(frames);
    PageTable table = PageTable.empty(memory, frames, 4);
    PageTableTrimmer trimmer = new PageTableTrimmer(table, freed);
    PageMapper mapper = new PageMapper(table, trimmer, line -> {});
    assertTrue(mapper.map(gibPages, gibPages, gibPages, RIGHTS, 2));
    assertTrue(mapper.map(gibPages + 5, 0x123, 1, RIGHTS, 2));
    assertEquals((gibPages + 5) << 12, table.translate((gibPages + 5) << 12));
    freed.free(trimmer.unmap(gibPages, 2 * gibPages - 1));
    assertTrue(mapper.map(gibPages + 5, 0x456, 1, RIGHTS, 2));
    assertEquals(0x456L << 12, table.translate((gibPages + 5) << 12));
  }

  @Test
  void aTableIsFoundForItsPagesOnlyUntilItIsForgotten() {
    recent.note(0x1_0000, 0xabcd_e000L);
    assertEquals(0xabcd_e000L, recent.find(0x1_01ff));
    assertEquals(RecentTables.NONE, recent.find(0x1_0200));
    assertEquals(RecentTables.NONE, recent.find(0x1_0000 + (1 << 15)));
    recent.forget(0x1_0000 + (1 << 15));
    assertEquals(0xabcd_e000L, recent.find(0x1_0000));
    recent.forget(0x1_01ff);
    assertEquals(RecentTables.NONE, recent.find(0x1_0000));
  }

  @Test
  void aPageThatIsTooHighForAWordIsNotNoted() {
    recent.note(1L << 39, 0x1000);
    assertEquals(RecentTables.NONE, recent.find(1L << 39));
    assertEquals(RecentTables.NONE, recent.find(0));
  }
}
