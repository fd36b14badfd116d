package org.iommu4j.vfio.kit;

import static org.iommu4j.vfio.kit.NaiveType1.PAGE;
import static org.iommu4j.vfio.kit.NaiveType1.VADDR;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.toy.ToyFixture;
import org.iommu4j.vfio.kit.NaiveType1.Entry;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vfio.uapi.UnmapResult;
import org.iommu4j.vtd.kit.IntelFixture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every way to have mappings in six pages, and every map and unmap of a range of them: errno, size,
 * account and what the device reaches are those of the rules.
 */
final class Type1TablesTest {
  private static final int CELLS = 6;
  private static final long BASE = 0x10_0000L;

  static Stream<Arguments> versions() {
    return Stream.of(
        Arguments.of(new ToyFixture(), IommuType.TYPE1),
        Arguments.of(new ToyFixture(), IommuType.TYPE1_V2),
        Arguments.of(IntelFixture.STRICT_QUEUE, IommuType.TYPE1),
        Arguments.of(IntelFixture.STRICT_QUEUE, IommuType.TYPE1_V2),
        Arguments.of(IntelFixture.LAZY_REGISTERS, IommuType.TYPE1_V2));
  }

  /** Returns all ways to put mappings of whole pages into the cells from one on. */
  private static List<List<Entry>> layouts(int from) {
    if (from == CELLS) {
      return List.of(List.of());
    }
    List<List<Entry>> all = new ArrayList<>(layouts(from + 1));
    for (int pages = 1; from + pages <= CELLS; pages++) {
      long offset = from * PAGE;
      Entry first = new Entry(BASE + offset, VADDR + offset, pages * PAGE, 3);
      for (List<Entry> rest : layouts(from + pages)) {
        List<Entry> with = new ArrayList<>(List.of(first));
        with.addAll(rest);
        all.add(with);
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("versions")
  void allMapsAndUnmapsAnswerAsTheRulesSay(VendorFixture fixture, int type) {
    HandedOutDevice device = new HandedOutDevice(fixture, type);
    HandedOutDevice.check(
        device
            .process
            .memory()
            .mmap(VADDR, NaiveType1.PAGES * PAGE, MemoryRights.READ_WRITE, Backing.scattered()));
    int cases = 0;
    for (List<Entry> layout : layouts(0)) {
      for (int from = 0; from < CELLS; from++) {
        for (int to = from + 1; to <= CELLS; to++) {
          unmapCase(device, type, layout, BASE + from * PAGE, (to - from) * PAGE);
          mapCase(device, type, layout, BASE + from * PAGE, (to - from) * PAGE);
          cases += 2;
        }
      }
    }
    assertEquals(2 * 233 * CELLS * (CELLS + 1) / 2, cases);
    device.close();
    assertEquals(0, device.process.memory().lockedPages());
    assertEquals(0, device.vfio.userFrames().pinnedPages());
  }

  private static NaiveType1 prepare(HandedOutDevice device, int type, List<Entry> layout) {
    NaiveType1 naive = new NaiveType1(type != IommuType.TYPE1, -1L >>> 1, 65535);
    for (Entry entry : layout) {
      assertEquals(0, naive.map(entry.vaddr(), entry.iova(), entry.bytes(), 3));
      assertEquals(0, map(device, entry.vaddr(), entry.iova(), entry.bytes()));
    }
    return naive;
  }

  private static int map(HandedOutDevice device, long vaddr, long iova, long bytes) {
    return device.container.mapDma(device.process, NaiveType1.request(vaddr, iova, bytes, 3));
  }

  private static void cleanUp(HandedOutDevice device, List<Entry> entries) {
    for (Entry entry : entries) {
      UnmapResult result =
          device.container.unmapDma(device.process, DmaUnmap.of(entry.iova(), entry.bytes()));
      assertEquals(new UnmapResult(0, entry.bytes()), result);
    }
  }

  private static void mapCase(
      HandedOutDevice device, int type, List<Entry> layout, long iova, long bytes) {
    NaiveType1 naive = prepare(device, type, layout);
    long vaddr = VADDR + 16 * PAGE;
    int expected = naive.map(vaddr, iova, bytes, 3);
    assertEquals(expected, map(device, vaddr, iova, bytes), () -> layout + " map " + iova);
    assertReached(device, naive.entries());
    cleanUp(device, naive.entries());
  }

  private static void unmapCase(
      HandedOutDevice device, int type, List<Entry> layout, long iova, long bytes) {
    NaiveType1 naive = prepare(device, type, layout);
    boolean undetermined = naive.isUndetermined(iova, bytes);
    UnmapResult expected = naive.unmap(iova, bytes);
    UnmapResult result = device.container.unmapDma(device.process, DmaUnmap.of(iova, bytes));
    if (undetermined) {
      // Which of them go before the cut one ends it is the tree's affair, and the transcripts'.
      List<Entry> left = new ArrayList<>(layout);
      left.removeIf(entry -> device.translation(entry.iova()) == 0);
      assertTrue(left.containsAll(naive.entries()), () -> layout + " left " + left);
      assertEquals(bytes(layout) - bytes(left), result.sizeBytes());
      assertReached(device, left);
      cleanUp(device, left);
      return;
    }
    assertEquals(expected, result, () -> layout + " unmap " + Long.toHexString(iova));
    assertReached(device, naive.entries());
    cleanUp(device, naive.entries());
  }

  private static long bytes(List<Entry> entries) {
    return entries.stream().mapToLong(Entry::bytes).sum();
  }

  private static void assertReached(HandedOutDevice device, List<Entry> entries) {
    assertEquals(bytes(entries) / PAGE, device.process.memory().lockedPages());
    for (long iova = BASE; iova < BASE + CELLS * PAGE; iova += PAGE) {
      Entry entry = NaiveType1.at(entries, iova);
      long phys =
          entry == null
              ? 0
              : device.process.memory().pagemap(entry.vaddr() + iova - entry.iova()).pfn() * PAGE;
      assertEquals(phys, device.translation(iova));
    }
  }
}
