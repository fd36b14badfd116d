package org.iommu4j.vtd.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.UnitRegisters;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The self-test of Linux's {@code io-pgtable} ({@code
 * drivers/iommu/io-pgtable-arm.c:arm_lpae_run_tests}, 5.10) as our own, over the IOMMU API: a page
 * of each size, one GiB from the other. Where 5.10's Intel driver answers otherwise than the origin
 * wants, what it answers is what is asserted, and the test says so.
 */
final class PageTablePeerSuiteTest {
  private static final long PAGE = 4096;
  private static final long MIB2 = 2L << 20;
  private static final long GIB = 1L << 30;
  private static final int INSIDE = 42;
  private static final int BOTH_WAYS = IommuDomain.READ | IommuDomain.WRITE;

  /** Four levels, with leaves of 2 MiB and 1 GiB. */
  private static final class Gigantic implements VendorFixture {
    private static final long CAP = 0x00d2_0080_222f_0406L | 3L << 34;

    @Override
    public IommuVendor vendor() {
      return IntelFixture.STRICT_QUEUE.vendor();
    }

    @Override
    public void mark(MachineBuilder machine) {
      IntelFixture.STRICT_QUEUE.mark(machine);
      machine.unit(
          new UnitRegisters(
              0xfed9_0000L,
              ImmutableMap.of(
                  "version_major", 1L, "version_minor", 0L, "cap", CAP, "ecap", 0xf02L)));
    }

    @Override
    public String commandLine() {
      return IntelFixture.STRICT_QUEUE.commandLine();
    }

    @Override
    public int pageTableLevels() {
      return IntelFixture.STRICT_QUEUE.pageTableLevels();
    }

    @Override
    public boolean mapsLargePages() {
      return true;
    }
  }

  /** A domain with a device in it: without one 5.10 makes small leaves only. */
  private static final class Table {
    final Rig rig;
    final IommuApi iommu;
    final IommuDomain domain;

    Table(VendorFixture unit) {
      rig = Rig.boot(unit);
      iommu = rig.system().iommu();
      domain = Objects.requireNonNull(iommu.domainAlloc());
      assertEquals(0, iommu.attachDevice(domain, rig.address()));
      rig.system().takeLog();
    }

    int map(long iova, long phys, long bytes, int rights) {
      return iommu.map(domain, iova, phys, bytes, rights);
    }

    long unmap(long iova, long bytes) {
      return iommu.unmap(domain, iova, bytes);
    }

    long phys(long iova) {
      return iommu.iovaToPhys(domain, iova);
    }

    List<Long> leafBytes() {
      List<Long> sizes = new ArrayList<>();
      domain.visit((iova, phys, length, level, bits) -> sizes.add(length));
      return sizes;
    }
  }

  /** Units, a page's size, where the page goes, and the leaf that the unit has for it. */
  static Stream<Arguments> pages() {
    return Stream.of(
        Arguments.of(IntelFixture.LAZY_REGISTERS, PAGE, 0L, PAGE),
        Arguments.of(IntelFixture.LAZY_REGISTERS, MIB2, GIB, PAGE),
        Arguments.of(IntelFixture.STRICT_QUEUE, PAGE, 0L, PAGE),
        Arguments.of(IntelFixture.STRICT_QUEUE, MIB2, GIB, MIB2),
        Arguments.of(IntelFixture.STRICT_QUEUE, GIB, 2 * GIB, MIB2),
        Arguments.of(new Gigantic(), PAGE, 0L, PAGE),
        Arguments.of(new Gigantic(), MIB2, GIB, MIB2),
        Arguments.of(new Gigantic(), GIB, 2 * GIB, GIB));
  }

  @Test
  void anEmptyTableTranslatesNothing() {
    Table table = new Table(new Gigantic());
    assertEquals(0, table.phys(INSIDE));
    assertEquals(0, table.phys(GIB + INSIDE));
    assertEquals(0, table.phys(2 * GIB + INSIDE));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void aPageOfEachSizeTranslatesFromEndToEnd(
      VendorFixture unit, long size, long iova, long leafBytes) {
    Table table = new Table(unit);
    assertEquals(0, table.map(iova, iova, size, BOTH_WAYS));
    assertEquals(iova + INSIDE, table.phys(iova + INSIDE));
    assertEquals(iova + size - 1, table.phys(iova + size - 1));
    assertEquals(0, table.phys(iova + size));
    List<Long> leaves = table.leafBytes();
    assertEquals(size / leafBytes, leaves.size());
    assertEquals(List.of(leafBytes), leaves.stream().distinct().toList());
  }

  /**
   * The origin wants -EEXIST. Intel answers 0: of small pages the old stay, with a line each in the
   * log; large ones are replaced, and nobody is told.
   */
  @ParameterizedTest
  @MethodSource("pages")
  void anOverlapIsNotRefused(VendorFixture unit, long size, long iova, long leafBytes) {
    Table table = new Table(unit);
    assertEquals(0, table.map(iova, iova, size, BOTH_WAYS));
    assertEquals(0, table.map(iova, iova + size, size, IommuDomain.READ));
    boolean small = leafBytes == PAGE;
    assertEquals((small ? iova : iova + size) + INSIDE, table.phys(iova + INSIDE));
    List<String> log = table.rig.system().takeLog();
    assertEquals(small ? size / PAGE : 0, log.size());
    if (small) {
      assertEquals(
          String.format(
              "DMAR: ERROR: DMA PTE for vPFN 0x%x already set (to %x not %x)",
              iova / PAGE, iova | 3, iova + size | 1),
          log.get(0));
    }
  }

  /** As the origin wants it, where the range is made of small pages. */
  @Test
  void aPartOfARunOfSmallPagesGoesAndIsMappedElsewhere() {
    Table table = new Table(IntelFixture.LAZY_REGISTERS);
    assertEquals(0, table.map(GIB, GIB, MIB2, BOTH_WAYS));
    assertEquals(PAGE, table.unmap(GIB + PAGE, PAGE));
    assertEquals(0, table.phys(GIB + PAGE + INSIDE));
    assertEquals(0, table.map(GIB + PAGE, PAGE, PAGE, IommuDomain.READ));
    assertEquals(PAGE + INSIDE, table.phys(GIB + PAGE + INSIDE));
    assertEquals(GIB + INSIDE, table.phys(GIB + INSIDE));
    assertEquals(GIB + 2 * PAGE + INSIDE, table.phys(GIB + 2 * PAGE + INSIDE));
  }

  /**
   * The origin splits a large page. Intel claims to have unmapped all of it and leaves it; what is
   * then mapped there goes into the large page's memory, as if that were a page table.
   */
  @Test
  void aPartOfALargePageDoesNotGoAndTheRemappingLandsInItsMemory() {
    Table table = new Table(IntelFixture.STRICT_QUEUE);
    long phys = table.rig.allocPages(9);
    assertEquals(0, table.map(GIB, phys, MIB2, BOTH_WAYS));
    assertEquals(MIB2, table.unmap(GIB + PAGE, PAGE));
    assertEquals(phys + PAGE + INSIDE, table.phys(GIB + PAGE + INSIDE));
    assertEquals(0, table.map(GIB + PAGE, PAGE, PAGE, IommuDomain.READ));
    assertEquals(phys + PAGE + INSIDE, table.phys(GIB + PAGE + INSIDE));
    assertEquals(PAGE | 1, table.rig.memory().read64(phys + Long.BYTES));
    assertEquals(MIB2, table.unmap(GIB, MIB2));
    assertEquals(List.of(), table.leafBytes());
  }

  @ParameterizedTest
  @MethodSource("pages")
  void aPageOfEachSizeIsUnmappedAndMappedAgain(
      VendorFixture unit, long size, long iova, long leafBytes) {
    Table table = new Table(unit);
    assertEquals(0, table.map(iova, iova, size, BOTH_WAYS));
    assertEquals(size, table.unmap(iova, size));
    assertEquals(0, table.phys(iova + INSIDE));
    assertEquals(List.of(), table.leafBytes());
    assertEquals(0, table.map(iova, iova, size, IommuDomain.WRITE));
    assertEquals(iova + INSIDE, table.phys(iova + INSIDE));
    assertEquals(size / leafBytes, table.leafBytes().size());
  }

  /** Beyond the origin: what was filled page by page goes in one call, tables included. */
  @Test
  void whatWasFilledPageByPageGoesInOneCall() {
    Table table = new Table(IntelFixture.STRICT_QUEUE);
    assertEquals(0, table.map(GIB - PAGE, 0, PAGE, BOTH_WAYS));
    assertEquals(0, table.map(GIB + 4 * MIB2, 0, PAGE, BOTH_WAYS));
    long before = table.rig.usedFrames();
    for (long at = 0; at < 4 * MIB2; at += PAGE) {
      assertEquals(0, table.map(GIB + at, 4 * MIB2 - at, PAGE, BOTH_WAYS));
    }
    assertEquals(before + 4, table.rig.usedFrames());
    assertEquals(4 * MIB2, table.unmap(GIB, 4 * MIB2));
    assertEquals(List.of(PAGE, PAGE), table.leafBytes());
    assertEquals(before, table.rig.usedFrames());
  }
}
