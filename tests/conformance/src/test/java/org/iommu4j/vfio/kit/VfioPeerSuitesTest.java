package org.iommu4j.vfio.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.toy.ToyFixture;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.uapi.DirtyBitmap;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vfio.uapi.Type1Info;
import org.iommu4j.vfio.uapi.UnmapResult;
import org.iommu4j.vtd.kit.IntelFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cases of others' suites as our own: Alex Williamson's {@code vfio-correctness-tests.c}
 * (awilliam/tests), and of Linux the {@code vfio_compat_mock_domain} of {@code
 * tools/testing/selftests/iommu/iommufd.c} (6.12) and {@code
 * tools/testing/selftests/vfio/vfio_dma_mapping_test.c}.
 */
final class VfioPeerSuitesTest {
  private static final long PAGE = 4096;
  private static final int PAGES = 512;
  private static final long SIZE = PAGES * PAGE;
  private static final long VADDR = 0x4000_0000L;

  static Stream<Arguments> setups() {
    List<VendorFixture> vendors =
        List.of(new ToyFixture(), IntelFixture.STRICT_QUEUE, IntelFixture.LAZY_REGISTERS);
    return vendors.stream()
        .flatMap(
            vendor ->
                Stream.of(IommuType.TYPE1, IommuType.TYPE1_V2)
                    .map(type -> Arguments.of(vendor, type)));
  }

  private static HandedOutDevice handOut(VendorFixture vendor, int type, Backing memory) {
    HandedOutDevice device = new HandedOutDevice(vendor, type);
    HandedOutDevice.check(
        device.process.memory().mmap(VADDR, 2 * SIZE, MemoryRights.READ_WRITE, memory));
    return device;
  }

  private static int map(HandedOutDevice device, long offset, long bytes) {
    return device.container.mapDma(device.process, DmaMap.readWrite(VADDR + offset, offset, bytes));
  }

  private static UnmapResult unmap(HandedOutDevice device, long offset, long bytes) {
    return device.container.unmapDma(device.process, DmaUnmap.of(offset, bytes));
  }

  /** awilliam/tests, {@code pagesize_test}: page by page in several orders. */
  @ParameterizedTest
  @MethodSource("setups")
  void pagesMapOnceAndUnmapOnceInAnyOrder(VendorFixture vendor, int type) {
    List<Integer> forwards = IntStream.range(0, PAGES).boxed().collect(Collectors.toList());
    List<Integer> backwards = new ArrayList<>(forwards);
    Collections.reverse(backwards);
    List<Integer> checkers = new ArrayList<>(forwards);
    checkers.sort((a, b) -> a % 2 == b % 2 ? a - b : a % 2 - b % 2);
    List<Integer> backwardCheckers = new ArrayList<>(checkers);
    Collections.reverse(backwardCheckers);
    try (HandedOutDevice device = handOut(vendor, type, Backing.small())) {
      for (List<Integer> order : List.of(forwards, backwards, checkers, backwardCheckers)) {
        order.forEach(page -> assertEquals(0, map(device, page * PAGE, PAGE)));
        order.forEach(page -> assertEquals(Errno.EEXIST, map(device, page * PAGE, PAGE)));
        assertEquals(PAGES, device.process.memory().lockedPages());
        UnmapResult one = new UnmapResult(0, PAGE);
        order.forEach(page -> assertEquals(one, unmap(device, page * PAGE, PAGE)));
        UnmapResult none = new UnmapResult(0, 0);
        order.forEach(page -> assertEquals(none, unmap(device, page * PAGE, PAGE)));
      }
    }
  }

  /** awilliam/tests, {@code hugepage_test}: in type1 the first page takes all with it. */
  @ParameterizedTest
  @MethodSource("setups")
  void aHugePageGoesAsAWhole(VendorFixture vendor, int type) {
    try (HandedOutDevice device = handOut(vendor, type, Backing.huge())) {
      assertEquals(0, map(device, 0, SIZE));
      assertEquals(Errno.EEXIST, map(device, 0, SIZE));
      assertEquals(new UnmapResult(0, SIZE), unmap(device, 0, SIZE));
      assertEquals(0, map(device, 0, SIZE));
      long unmapped = 0;
      for (long at = SIZE - PAGE; at >= 0; at -= PAGE) {
        UnmapResult result = unmap(device, at, PAGE);
        assertEquals(type == IommuType.TYPE1 ? 0 : Errno.EINVAL, result.error());
        unmapped += result.sizeBytes();
      }
      assertEquals(type == IommuType.TYPE1 ? SIZE : 0, unmapped);
    }
  }

  /** iommufd.c, {@code vfio_compat_mock_domain.map}: what is small goes in any order. */
  @ParameterizedTest
  @MethodSource("setups")
  void smallPagesUnmapShuffled(VendorFixture vendor, int type) {
    List<Integer> shuffled = IntStream.range(0, 64).boxed().collect(Collectors.toList());
    Collections.shuffle(shuffled, new Random(5));
    try (HandedOutDevice device = handOut(vendor, type, Backing.small())) {
      assertEquals(0, map(device, 0, 64 * PAGE));
      assertEquals(new UnmapResult(0, 64 * PAGE), unmap(device, 0, 64 * PAGE));
      for (int page = 0; page < 64; page++) {
        assertEquals(0, map(device, page * PAGE, PAGE));
      }
      for (int page : shuffled) {
        assertEquals(new UnmapResult(0, PAGE), unmap(device, page * PAGE, PAGE));
      }
      assertEquals(0, device.vfio.userFrames().pinnedPages());
    }
  }

  /** iommufd.c, the same: 5.10 does not know the flag that takes all. */
  @ParameterizedTest
  @MethodSource("setups")
  void theFlagForAllIsOfALaterRelease(VendorFixture vendor, int type) {
    try (HandedOutDevice device = handOut(vendor, type, Backing.small())) {
      assertEquals(0, map(device, 0, PAGE));
      DmaUnmap all = new DmaUnmap(DmaUnmap.SIZE_BYTES, DmaUnmap.ALL, 0, 0, null);
      assertEquals(
          new UnmapResult(Errno.EINVAL, 0), device.container.unmapDma(device.process, all));
      assertEquals(new UnmapResult(0, PAGE), unmap(device, 0, SIZE));
    }
  }

  /** iommufd.c, the same in 6.1: what it takes with the flag, and what it refuses. */
  @ParameterizedTest
  @MethodSource("setups")
  void theLaterReleaseTakesAll(VendorFixture vendor, int type) {
    try (HandedOutDevice device = new HandedOutDevice(vendor, type, Linux61.RULES)) {
      HandedOutDevice.check(
          device.process.memory().mmap(VADDR, SIZE, MemoryRights.READ_WRITE, Backing.small()));
      assertEquals(0, map(device, 0, PAGE));
      assertEquals(0, map(device, 4 * PAGE, PAGE));
      UnmapResult refused = new UnmapResult(Errno.EINVAL, 0);
      int size = DmaUnmap.SIZE_BYTES;
      for (DmaUnmap wrong :
          List.of(
              new DmaUnmap(size, DmaUnmap.ALL, PAGE, 0, null),
              new DmaUnmap(size, DmaUnmap.ALL, 0, PAGE, null),
              new DmaUnmap(size - 1, DmaUnmap.ALL, 0, 0, null),
              new DmaUnmap(
                  size + DirtyBitmap.SIZE_BYTES,
                  DmaUnmap.ALL | DmaUnmap.GET_DIRTY_BITMAP,
                  0,
                  0,
                  DirtyBitmap.of(PAGE, PAGE)))) {
        assertEquals(refused, device.container.unmapDma(device.process, wrong));
      }
      assertEquals(
          new UnmapResult(0, 2 * PAGE), device.container.unmapDma(device.process, DmaUnmap.all()));
      assertEquals(
          new UnmapResult(0, 0), device.container.unmapDma(device.process, DmaUnmap.all()));
    }
  }

  /**
   * iommufd.c, {@code vfio_compat_mock_domain.huge_map}: type1v2 never cuts (-EINVAL in 5.10, where
   * iommufd answers -ENOENT); type1 answers 0, and in 5.10 does not cut either.
   */
  @ParameterizedTest
  @MethodSource("setups")
  void twoHugePagesAreNotCut(VendorFixture vendor, int type) {
    try (HandedOutDevice device = handOut(vendor, type, Backing.huge())) {
      assertEquals(0, map(device, 0, 2 * SIZE));
      long unmapped = 0;
      for (int i : new int[] {7, 3, 15, 9, 1, 0, 12}) {
        UnmapResult result = unmap(device, i * SIZE / 8, SIZE / 8);
        assertEquals(type == IommuType.TYPE1 ? 0 : Errno.EINVAL, result.error());
        unmapped += result.sizeBytes();
      }
      assertEquals(type == IommuType.TYPE1 ? 2 * SIZE : 0, unmapped);
    }
  }

  /** iommufd.c, {@code vfio_compat_mock_domain.get_info}: for every room there may be. */
  @Test
  void infoNeverWritesPastItsRoom() {
    try (HandedOutDevice device = new HandedOutDevice(new ToyFixture(), IommuType.TYPE1_V2)) {
      Type1Info info = device.container.info().orElseThrow();
      for (int room = Type1Info.SIZE_BYTES; room <= info.sizeBytes(); room++) {
        byte[] bytes = new byte[256];
        Arrays.fill(bytes, (byte) 0xaa);
        info.encode(room, bytes);
        assertEquals(info.sizeBytes(), Byte.toUnsignedInt(bytes[0]));
        assertEquals(3, bytes[4]);
        assertEquals(room < info.sizeBytes() ? 0 : Type1Info.SIZE_BYTES, bytes[16]);
        for (int i = Math.max(room, 20); i < bytes.length; i++) {
          assertEquals((byte) 0xaa, bytes[i], "byte " + i + " of " + room);
        }
      }
    }
  }

  /** vfio_dma_mapping_test.c, {@code dma_map_unmap}: a size's leaves lie at its level. */
  @Test
  void hugePagesBecomeSuperpages() {
    try (HandedOutDevice device =
        handOut(IntelFixture.STRICT_QUEUE, IommuType.TYPE1_V2, Backing.huge())) {
      assertEquals(0, map(device, 0, PAGE));
      assertEquals(0, map(device, SIZE, SIZE));
      assertEquals(List.of("0+1000@1", "200000+200000@2"), leaves(device));
      device.vfio.type1Parameters().setDisableHugepages(true);
      assertEquals(new UnmapResult(0, SIZE), unmap(device, SIZE, SIZE));
      assertEquals(0, map(device, SIZE, SIZE));
      assertEquals(1 + PAGES, leaves(device).size());
      assertTrue(leaves(device).stream().allMatch(leaf -> leaf.endsWith("+1000@1")));
    }
  }

  private static List<String> leaves(HandedOutDevice device) {
    List<String> leaves = new ArrayList<>();
    device
        .vfio
        .system()
        .domain(KitMachine.DEVICE)
        .orElseThrow()
        .visit(
            (iova, phys, length, level, bits) ->
                leaves.add(String.format("%x+%x@%d", iova, length, level)));
    return leaves;
  }
}
