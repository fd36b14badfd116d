package org.iommu4j.vtd.hw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases of other projects' page-table suites, retold as data; each test names where it is from. */
final class PeerSuiteTest {
  /** A run of pages as a page-table library lays it out: the largest leaf that fits each time. */
  private static List<Integer> map(
      Rig rig, long table, int levels, long iova, long phys, long end) {
    List<Integer> used = new ArrayList<>();
    long at = iova;
    while (at < end) {
      long target = phys + (at - iova);
      int level = 3;
      while (level > 1
          && (((at | target) & (SecondLevelEntry.pageBytes(level) - 1)) != 0
              || end - at < SecondLevelEntry.pageBytes(level))) {
        level--;
      }
      long bits = SecondLevelEntry.leaf(target, level, true, true);
      rig.set(table, levels, at, level, bits);
      used.add(level);
      at += SecondLevelEntry.pageBytes(level);
    }
    return used;
  }

  /** {@code generic_pt}, kunit_iommu_pt.h, mixed: 14 x 2 MiB, 3 x 1 GiB, 3 x 2 MiB make 20. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void aMixedRunHasTwentyEntriesAndTranslatesThroughout(int levels) {
    Rig source = new Rig(Rig.FULL);
    long table = source.frame();
    source.boot(ContextEntry.of(0, table, levels, 1));
    long start = 0x3fe400L << 12;
    long end = 0x4c0600L << 12;
    List<Integer> used = map(source, table, levels, start, start, end);
    assertEquals(20, used.size());
    assertEquals(3, used.stream().filter(level -> level == 3).count());
    assertEquals(14, used.indexOf(3));
    for (long iova = start; iova < end; iova += 0x12_3000) {
      assertEquals(iova, source.read(iova));
    }
    assertTrue(RemappingHardware.isRefused(source.read(start - 1)));
    assertTrue(RemappingHardware.isRefused(source.read(end)));
  }

  /** {@code generic_pt}, kunit_iommu_pt.h, pgsize_boundary: 0xfef80000 on, to 0x208b95d000. */
  @Test
  void aRunAcrossASizeBoundaryOfUnlikeAlignmentIsMadeOfSmallPages() {
    Rig rig = new Rig(Rig.FULL);
    long table = rig.frame();
    rig.boot(ContextEntry.of(0, table, 4, 1));
    long start = 0xfef8_0000L;
    List<Integer> used = map(rig, table, 4, start, 0x20_8b95_d000L, 0x1_0000_0000L);
    assertTrue(used.stream().allMatch(level -> level == 1));
    assertEquals(0x20_8b95_dfffL, rig.read(start + 0xfff));
    assertEquals(0x20_8b95_d000L + 0x80_0000L, rig.read(start + 0x80_0000L));
  }

  /** {@code generic_pt}, kunit_iommu_pt.h, map_simple, at every page size and table depth. */
  @ParameterizedTest
  @CsvSource({"3,1", "3,2", "3,3", "4,1", "4,2", "4,3", "5,1", "5,2", "5,3"})
  void onePageOfEachSizeIsTranslatedFromItsFirstByteToItsLast(int levels, int level) {
    Rig rig = new Rig(Rig.FULL);
    long table = rig.frame();
    rig.boot(ContextEntry.of(0, table, levels, 1));
    long bytes = SecondLevelEntry.pageBytes(level);
    long top = (1L << (12 + 9 * levels)) - bytes;
    for (long iova : new long[] {0, bytes, top}) {
      long phys = bytes * 5;
      rig.set(table, levels, iova, level, SecondLevelEntry.leaf(phys, level, true, true));
      assertEquals(phys, rig.read(iova));
      assertEquals(phys + bytes - 1, rig.write(iova + bytes - 1));
    }
    assertTrue(RemappingHardware.isRefused(rig.read(2 * bytes)));
  }

  /**
   * {@code io-pgtable}, io-pgtable-arm.c self-test: nothing is mapped in an empty table; a page of
   * each size; a hole in a run of small pages, filled again. 18 depths and sizes become 3 x 3.
   */
  @ParameterizedTest
  @CsvSource({"3,1", "3,2", "3,3", "4,1", "4,2", "4,3", "5,1", "5,2", "5,3"})
  void aHoleIsRefusedAndItsNeighboursAreNot(int levels, int level) {
    long bytes = SecondLevelEntry.pageBytes(level);
    Rig rig = new Rig(Rig.FULL);
    long table = rig.frame();
    rig.boot(ContextEntry.of(0, table, levels, 1));
    assertTrue(RemappingHardware.isRefused(rig.read(42)));
    assertTrue(RemappingHardware.isRefused(rig.read(bytes + 42)));
    for (int i = 0; i < 4; i++) {
      rig.set(table, levels, i * bytes, level, SecondLevelEntry.leaf(i * bytes, level, true, true));
    }
    rig.set(table, levels, bytes, level, 0);
    assertTrue(RemappingHardware.isRefused(rig.read(bytes + 42)));
    assertEquals(42, rig.read(42));
    assertEquals(2 * bytes + 42, rig.read(2 * bytes + 42));
    rig.set(table, levels, bytes, level, SecondLevelEntry.leaf(bytes, level, true, true));
    assertEquals(bytes + 42, rig.read(bytes + 42));
  }

  /**
   * {@code generic_pt}, kunit_generic_pt.h, max_va: the first address past the width is refused.
   */
  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void theFirstAddressPastTheWidthIsRefusedForItsWidth(int levels) {
    Rig rig = new Rig(Rig.FULL);
    rig.boot(ContextEntry.of(0, rig.frame(), levels, 1));
    long iova = 1L << (12 + 9 * levels);
    assertEquals(FaultReason.ADDRESS_BEYOND_WIDTH, RemappingHardware.refusal(rig.read(iova)));
    assertEquals(FaultReason.READ_DENIED, RemappingHardware.refusal(rig.read(iova - 1)));
  }

  /**
   * {@code intel-iommu} functional cases of QEMU's iommu-testdev: I/O address 0x10200567 maps to
   * 0x10100567 by a 4 KiB page and stays itself where it passes through.
   */
  @Test
  void theTestDevicesAddressIsTranslatedAndPassesThrough() {
    Rig rig = new Rig(Rig.FULL);
    long table = rig.frame();
    rig.set(table, 4, 0x1020_0567, 1, SecondLevelEntry.leaf(0x1010_0000, 1, true, true));
    rig.boot(ContextEntry.of(0, table, 4, 1));
    assertEquals(0x1010_0567, rig.write(0x1020_0567));
    rig.setContext(Rig.DEVICE + 1, ContextEntry.of(ContextEntry.TT_PASS_THROUGH, 0, 4, 2));
    assertEquals(0x1020_0567, rig.unit.translate(Rig.DEVICE + 1, 0x1020_0567, Access.READ));
  }
}
