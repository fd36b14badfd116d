package org.iommu4j.vtd.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
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

/** Page tables against a map of pages. */
final class PageTablePropertyTest {
  private static final long RIGHTS = SecondLevelEntry.R.mask() | SecondLevelEntry.W.mask();

  private final PhysicalMemory memory =
      PhysicalMemory.ofRam(List.of(new PhysRange(1L << 20, 1L << 30)));
  private final FrameAllocator frames = new FrameAllocator(memory);
  private final FreedTables freed = new FreedTables(frames);
  private final PageTable table = PageTable.empty(memory, frames, 4);
  private final PageTableTrimmer trimmer = new PageTableTrimmer(table, freed);
  private final PageMapper mapper = new PageMapper(table, trimmer, line -> {});

  @Property(tries = 200)
  void translatesAsAMapOfPages(
      @ForAll @Size(max = 12) List<@IntRange(min = 1, max = 2000) Integer> sizes,
      @ForAll @IntRange(min = 0, max = 3) int superpageLevels,
      @ForAll boolean aligned) {
    Map<Long, Long> expected = new TreeMap<>();
    long iovaPfn = 1 << 18;
    for (int pages : sizes) {
      iovaPfn -= 4096;
      long physPfn = aligned ? 0x20000L : 0x20003L;
      assertTrue(mapper.map(iovaPfn, physPfn, pages, RIGHTS, superpageLevels));
      expected.put(iovaPfn, (long) pages);
    }
    expected.forEach(
        (first, pages) -> {
          assertEquals(0, table.translate((first + pages) << 12));
          long last = (aligned ? 0x20000L : 0x20003L) + pages - 1;
          assertEquals((last << 12) + 5, table.translate(((first + pages - 1) << 12) + 5));
        });
    expected.forEach((first, pages) -> freed.free(trimmer.unmap(first, first + pages - 1)));
    List<Long> left = new ArrayList<>();
    table.visit((iova, phys, length, level, bits) -> left.add(iova));
    assertEquals(List.of(), left);
  }

  @Property(tries = 100)
  void everyFrameComesBack(
      @ForAll @Size(max = 8) List<@IntRange(min = 1, max = 600_000) Integer> sizes) {
    long before = frames.usedFrames();
    long iovaPfn = 1L << 34;
    for (int pages : sizes) {
      iovaPfn -= 1 << 20;
      assertTrue(mapper.map(iovaPfn, 0x10000, pages, RIGHTS, 2));
    }
    freed.free(trimmer.unmap(0, (1L << 36) - 1));
    assertEquals(before, frames.usedFrames());
  }

  @Test
  void aSuperpageIsOneEntry() {
    assertTrue(mapper.map(512, 1024, 1024, RIGHTS, 2));
    List<String> leaves = new ArrayList<>();
    table.visit(
        (iova, phys, length, level, bits) ->
            leaves.add(String.format("%x %x %x %d %x", iova, phys, length, level, bits)));
    assertEquals(List.of("200000 400000 200000 2 83", "400000 600000 200000 2 83"), leaves);
  }

  @Test
  void anAddressThatNoMachineHasIsToldWithoutItsHighestBit() {
    // A real 5.10 answered this to dma_map_resource of the last page of all.
    assertTrue(mapper.map(512, -1L >>> 12, 1, RIGHTS, 0));
    assertEquals(0x7fff_ffff_ffff_f000L, table.translate(512 << 12));
  }

  @Test
  void noMappingIsForWritingAlone() {
    assertTrue(mapper.map(512, 1025, 1, SecondLevelEntry.W.mask(), 2));
    table.visit((iova, phys, length, level, bits) -> assertEquals(3, bits));
  }
}
