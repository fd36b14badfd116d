package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cases of other projects' page-table suites, done by the driver's own mapping and unmapping; each
 * test names where it is from.
 */
final class PagePeerSuiteTest {
  private static final long RIGHTS = SecondLevelEntry.R.mask() | SecondLevelEntry.W.mask();
  private static final int SUPERPAGE_LEVELS = 2;

  private final List<String> log = new ArrayList<>();

  /** A page table of some depth and what works on it. */
  private final class Tables {
    final FrameAllocator frames;
    final FreedTables freed;
    final PageTable table;
    final PageTableTrimmer trimmer;
    final PageMapper mapper;
    final long emptyFrames;

    Tables(int levels) {
      PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(1L << 20, 1L << 30)));
      frames = new FrameAllocator(memory);
      freed = new FreedTables(frames);
      table = PageTable.empty(memory, frames, levels);
      trimmer = new PageTableTrimmer(table, freed);
      mapper = new PageMapper(table, trimmer, log::add);
      emptyFrames = frames.usedFrames();
    }

    void map(long iovaPfn, long physPfn, long pages) {
      assertTrue(mapper.map(iovaPfn, physPfn, pages, RIGHTS, SUPERPAGE_LEVELS));
    }

    void unmap(long iovaPfn, long pages) {
      freed.free(trimmer.unmap(iovaPfn, iovaPfn + pages - 1));
    }

    /** Returns the physical page that a page translates to, 0 if to none. */
    long physPfn(long iovaPfn) {
      return table.translate(iovaPfn << PAGE_SHIFT) >>> PAGE_SHIFT;
    }

    /** Returns the levels of the leaves, in the order of their addresses. */
    List<Integer> leafLevels() {
      List<Integer> levels = new ArrayList<>();
      table.visit((iova, phys, length, level, bits) -> levels.add(level));
      return levels;
    }
  }

  /** {@code generic_pt}, kunit_iommu_pt.h, map_simple, at every page size and table depth. */
  @ParameterizedTest
  @CsvSource({"3,1", "3,2", "3,3", "4,1", "4,2", "4,3", "5,1", "5,2", "5,3"})
  void onePageOfEachSizeIsOneLeafAndLeavesNothingBehind(int levels, int level) {
    Tables tables = new Tables(levels);
    long pages = TableLevels.pagesInEntry(level);
    long top = TableLevels.pagesInEntry(levels + 1) - pages;
    for (long iovaPfn : new long[] {0, pages, top}) {
      tables.map(iovaPfn, 5 * pages, pages);
      assertEquals(List.of(level), tables.leafLevels());
      assertEquals(5 * pages, tables.physPfn(iovaPfn));
      assertEquals(6 * pages - 1, tables.physPfn(iovaPfn + pages - 1));
      tables.unmap(iovaPfn, pages);
      assertEquals(List.of(), tables.leafLevels());
    }
    tables.unmap(0, TableLevels.pagesInEntry(levels + 1));
    assertEquals(tables.emptyFrames, tables.frames.usedFrames());
  }

  /** {@code generic_pt}, kunit_iommu_pt.h, mixed: 14 x 2 MiB, 3 x 1 GiB, 3 x 2 MiB make 20. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void aMixedRunHasTwentyLeaves(int levels) {
    Tables tables = new Tables(levels);
    long first = 0x3f_e400L;
    long end = 0x4c_0600L;
    tables.map(first, first, end - first);
    List<Integer> expected =
        IntStream.range(0, 20).map(i -> i >= 14 && i < 17 ? 3 : 2).boxed().toList();
    assertEquals(expected, tables.leafLevels());
    for (long pfn = first; pfn < end; pfn += 0x123) {
      assertEquals(pfn, tables.physPfn(pfn));
    }
    assertEquals(0, tables.physPfn(first - 1));
    assertEquals(0, tables.physPfn(end));
  }

  /** {@code generic_pt}, kunit_iommu_pt.h, pgsize_boundary: 0xfef80000 on, to 0x208b95d000. */
  @Test
  void aRunAcrossASizeBoundaryOfUnlikeAlignmentIsMadeOfSmallPages() {
    Tables tables = new Tables(4);
    tables.map(0xf_ef80L, 0x208_b95dL, 0x1080);
    assertEquals(0x1080, tables.leafLevels().size());
    assertTrue(tables.leafLevels().stream().allMatch(level -> level == 1));
    assertEquals(0x208_b95dL + 0x107f, tables.physPfn(0xf_ffffL));
    tables.unmap(0xf_ef80L, 0x1080);
    assertEquals(List.of(), tables.leafLevels());
  }

  /**
   * {@code io-pgtable}, io-pgtable-arm.c self-test: a hole in a run of pages of one size, filled
   * with another page.
   */
  @ParameterizedTest
  @CsvSource({"3,1", "3,2", "3,3", "4,1", "4,2", "4,3", "5,1", "5,2", "5,3"})
  void aHoleIsEmptyAndItsNeighboursAreNotAndItCanBeFilled(int levels, int level) {
    Tables tables = new Tables(levels);
    long pages = TableLevels.pagesInEntry(level);
    assertEquals(0, tables.physPfn(pages));
    tables.map(0, 8 * pages, 4 * pages);
    tables.unmap(pages, pages);
    assertEquals(List.of(level, level, level), tables.leafLevels());
    assertEquals(9 * pages - 1, tables.physPfn(pages - 1));
    assertEquals(0, tables.physPfn(pages));
    assertEquals(0, tables.physPfn(2 * pages - 1));
    assertEquals(10 * pages, tables.physPfn(2 * pages));
    tables.map(pages, 32 * pages, pages);
    assertEquals(32 * pages, tables.physPfn(pages));
    assertEquals(List.of(), log);
  }

  /**
   * {@code io-pgtable}, io-pgtable-arm.c self-test, where mapping over a mapping fails. Linux 5.10
   * on Intel complains, leaves the page as it was and says that it was mapped.
   */
  @Test
  void aPageThatIsMappedStaysAsItWasAndTheKernelComplains() {
    Tables tables = new Tables(4);
    tables.map(0x41, 0x1001, 1);
    tables.map(0x40, 0x2001, 3);
    assertEquals(
        List.of("DMAR: ERROR: DMA PTE for vPFN 0x41 already set (to 1001003 not 2002003)"), log);
    assertEquals(0x2001, tables.physPfn(0x40));
    assertEquals(0x1001, tables.physPfn(0x41));
    assertEquals(0x2003, tables.physPfn(0x42));
  }

  /** The same, where the new page is larger: the small ones go, and their table with them. */
  @Test
  void aLargePageReplacesTheTableOfTheSmallOnes() {
    Tables tables = new Tables(4);
    tables.map(512, 0x1001, 512);
    long withTable = tables.frames.usedFrames();
    tables.map(512, 1024, 512);
    assertEquals(List.of(2), tables.leafLevels());
    assertEquals(1024, tables.physPfn(512));
    assertEquals(withTable - 1, tables.frames.usedFrames());
    assertEquals(List.of(), log);
  }

  /** {@code io-pgtable}, io-pgtable-arm.c self-test: all is unmapped and mapped once more. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void allThatIsUnmappedAtOnceCanBeMappedOnceMore(int levels) {
    Tables tables = new Tables(levels);
    long wholePages = TableLevels.pagesInEntry(levels + 1);
    long huge = TableLevels.pagesInEntry(3);
    for (int round = 0; round < 2; round++) {
      tables.map(7, 0x1001, 1);
      tables.map(512, 1024, 512);
      tables.map(huge, 2 * huge, huge);
      assertEquals(List.of(1, 2, 3), tables.leafLevels());
      tables.unmap(0, wholePages);
      assertEquals(List.of(), tables.leafLevels());
    }
    assertEquals(List.of(), log);
  }

  /** {@code generic_pt}, kunit_generic_pt.h, max_va: the last page is mapped, the next is not. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void theLastPageOfTheWidthIsMappedAndTheNextIsNot(int levels) {
    Tables tables = new Tables(levels);
    long end = TableLevels.pagesInEntry(levels + 1);
    tables.map(end - 1, 0x1001, 1);
    assertEquals(0x1001, tables.physPfn(end - 1));
    assertFalse(tables.mapper.map(end, 0x1002, 1, RIGHTS, SUPERPAGE_LEVELS));
    assertEquals(0, tables.physPfn(end));
    assertEquals(List.of(1), tables.leafLevels());
  }

  /**
   * {@code generic_pt}, kunit_iommu_pt.h, increase_level. There a table grows by a level above it;
   * on Intel Linux 5.10 begins with all levels and takes the top ones away, where what was mapped
   * stays too.
   */
  @Test
  void whatIsMappedStaysWhenTheTableLosesItsTopLevels() {
    Tables tables = new Tables(5);
    long[] iovaPfns = {0, 0x1_0200, TableLevels.pagesInEntry(4) - 512};
    for (long iovaPfn : iovaPfns) {
      tables.map(iovaPfn, 0x4000 + iovaPfn, 512);
    }
    for (int levels = 4; levels >= 3; levels--) {
      long before = tables.frames.usedFrames();
      tables.table.dropTopLevel();
      assertEquals(before - 1, tables.frames.usedFrames());
      assertEquals(levels, tables.table.levels());
      assertEquals(List.of(2, 2, 2), tables.leafLevels());
      for (long iovaPfn : iovaPfns) {
        assertEquals(0x4000 + iovaPfn + 511, tables.physPfn(iovaPfn + 511));
      }
    }
    tables.unmap(0, TableLevels.pagesInEntry(4));
    assertEquals(tables.emptyFrames, tables.frames.usedFrames());
  }

  /**
   * {@code generic_pt}, kunit_iommu_pt.h, map_table_to_oa: a page takes the place of a table that
   * unmapping page by page has left empty.
   */
  @ParameterizedTest
  @CsvSource({"3,2", "3,3", "4,2", "4,3", "5,2", "5,3"})
  void anEmptyTableGivesWayToALargePage(int levels, int level) {
    Tables tables = new Tables(levels);
    long pages = TableLevels.pagesInEntry(level);
    long small = TableLevels.pagesInEntry(level - 1);
    for (long pfn = pages; pfn < 2 * pages; pfn += small) {
      tables.map(pfn, 8 * pages + 2 * (pfn - pages), small);
    }
    assertEquals(pages / small, tables.leafLevels().size());
    for (long pfn = pages; pfn < 2 * pages; pfn += small) {
      tables.unmap(pfn, small);
    }
    assertEquals(List.of(), tables.leafLevels());
    tables.map(pages, 4 * pages, pages);
    assertEquals(List.of(level), tables.leafLevels());
    assertEquals(5 * pages - 1, tables.physPfn(2 * pages - 1));
    assertEquals(List.of(), log);
    tables.unmap(0, TableLevels.pagesInEntry(levels + 1));
    assertEquals(tables.emptyFrames, tables.frames.usedFrames());
  }

  /**
   * {@code generic_pt}, kunit_iommu_pt.h, random_map: whatever is mapped is found, then gone. Runs
   * lie as I/O addresses do, on bounds of the next power of two; see the test below.
   */
  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void aRandomRunIsFoundAndThenGone(int levels) {
    Tables tables = new Tables(levels);
    Random random = new Random(levels);
    for (int round = 0; round < 1000; round++) {
      long end = TableLevels.pagesInEntry(levels + 1);
      long pages = 1 + random.nextLong(1L << random.nextInt(16));
      long alignment = Long.highestOneBit(2 * pages - 1);
      long iovaPfn = random.nextLong(end - alignment + 1) & -alignment;
      long physPfn = random.nextLong(1L << 36) & -(1L << random.nextInt(19));
      tables.map(iovaPfn, physPfn, pages);
      for (int probe = 0; probe < 20; probe++) {
        long page = random.nextLong(pages);
        assertEquals(physPfn + page, tables.physPfn(iovaPfn + page));
      }
      assertEquals(physPfn, tables.physPfn(iovaPfn));
      assertEquals(physPfn + pages - 1, tables.physPfn(iovaPfn + pages - 1));
      assertEquals(0, iovaPfn == 0 ? 0 : tables.physPfn(iovaPfn - 1));
      assertEquals(0, iovaPfn + pages == end ? 0 : tables.physPfn(iovaPfn + pages));
      tables.unmap(iovaPfn, pages);
      assertEquals(List.of(), tables.leafLevels());
    }
    assertEquals(List.of(), log);
    tables.unmap(0, TableLevels.pagesInEntry(levels + 1));
    assertEquals(tables.emptyFrames, tables.frames.usedFrames());
  }

  /**
   * {@code generic_pt}, kunit_iommu_pt.h, random_map, of runs that lie anywhere. What Linux 5.10
   * unmaps from the middle of a table on ends before the next table if it has fewer pages there:
   * {@code drivers/iommu/intel/iommu.c:dma_pte_clear_level} steps from where it began.
   */
  @Test
  void unmappingFromTheMiddleOfATableLeavesTheFirstPagesOfTheNextMapped() {
    Tables tables = new Tables(3);
    tables.map(511, 1000, 2);
    tables.unmap(511, 2);
    assertEquals(0, tables.physPfn(511));
    assertEquals(1001, tables.physPfn(512));
    tables.map(1024 + 511, 1000, 513);
    tables.unmap(1024 + 511, 513);
    assertEquals(0, tables.physPfn(1024 + 1023));
    assertEquals(List.of(1), tables.leafLevels());
  }
}
