package org.iommu4j.vfio.kit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.toy.ToyFixture;
import org.iommu4j.vfio.PagePinning;
import org.iommu4j.vfio.VfioGroup;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.uapi.DirtyBitmap;
import org.iommu4j.vfio.uapi.DirtyPages;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vfio.uapi.UnmapResult;
import org.junit.jupiter.api.Test;

/** A device's driver in the kernel pins pages of the process that has the device. */
final class PagePinningTest {
  private static final PciAddress DEVICE = KitMachine.DEVICE;
  private static final long V = 0x1000_0000L;
  private static final long IOVA = 0x10_0000;
  private static final long SIZE = 16 * 4096;
  private static final long PFN = IOVA >>> 12;
  private static final int READ = IommuDomain.READ;
  private static final int WRITE = IommuDomain.WRITE;

  private final HandedOutDevice device = new HandedOutDevice(new ToyFixture(), IommuType.TYPE1_V2);
  private final PagePinning pinning = device.vfio.pinning();
  private final List<String> heard = new ArrayList<>();

  PagePinningTest() {
    device.process.memory().mmap(V, 4 * SIZE, MemoryRights.READ_WRITE, Backing.scattered());
    HandedOutDevice.check(map(V, IOVA));
  }

  private int map(long vaddr, long iova) {
    return device.container.mapDma(device.process, DmaMap.readWrite(vaddr, iova, SIZE));
  }

  private UnmapResult unmap(long iova, long sizeBytes) {
    return device.container.unmapDma(device.process, DmaUnmap.of(iova, sizeBytes));
  }

  /** Registers a driver that unpins the first pages of what goes. */
  private void listen(int unpinnedPages) {
    HandedOutDevice.check(
        pinning.registerNotifier(
            DEVICE,
            (iova, size) -> {
              heard.add(String.format("0x%x+0x%x", iova, size));
              for (int i = 0; i < unpinnedPages; i++) {
                pinning.unpinPages(DEVICE, (iova >>> 12) + i);
              }
            }));
  }

  private int pin(long... iovaPfns) {
    return pinning.pinPages(DEVICE, iovaPfns, READ, new long[iovaPfns.length]);
  }

  private long pinned() {
    return device.vfio.userFrames().pinnedPages();
  }

  @Test
  void framesAreThoseThatTheProcessHas() {
    listen(0);
    long[] pfns = new long[2];
    assertEquals(2, pinning.pinPages(DEVICE, new long[] {PFN + 3, PFN}, READ | WRITE, pfns));
    assertEquals(device.process.memory().pagemap(V + 3 * 4096).pfn(), pfns[0]);
    assertEquals(device.process.memory().pagemap(V).pfn(), pfns[1]);
    assertEquals(device.translation(IOVA) >>> 12, pfns[1]);
  }

  @Test
  void whatTheIommuHasLockedIsNotLockedAgain() {
    listen(0);
    long locked = device.process.memory().lockedPages();
    assertEquals(3, pin(PFN, PFN + 1, PFN));
    assertEquals(locked, device.process.memory().lockedPages());
    assertEquals(3, pinning.unpinPages(DEVICE, PFN, PFN + 1, PFN));
    assertEquals(locked, device.process.memory().lockedPages());
  }

  @Test
  void refusalsAreTheKernelsInItsOrder() {
    assertEquals(Errno.EINVAL, pin(PFN), "nobody is registered");
    listen(0);
    long[] many = IntStream.range(0, 513).mapToLong(i -> PFN).toArray();
    assertEquals(Errno.EINVAL, pin());
    assertEquals(Errno.E2BIG, pin(many));
    assertEquals(512, pin(Arrays.copyOf(many, 512)));
    assertEquals(Errno.E2BIG, pinning.unpinPages(DEVICE, many));
    assertEquals(512, pinning.unpinPages(DEVICE, Arrays.copyOf(many, 512)));
    assertEquals(
        Errno.ENODEV,
        pinning.pinPages(KitMachine.OTHER, new long[] {PFN}, READ, new long[1]),
        "VFIO does not know its group");
    assertEquals(Errno.ENODEV, pinning.unpinPages(KitMachine.OTHER, PFN));
    assertEquals(Errno.ENODEV, pinning.registerNotifier(KitMachine.OTHER, (iova, size) -> {}));
    assertEquals(Errno.ENOENT, pinning.unregisterNotifier(DEVICE, (iova, size) -> {}));
    assertEquals(Errno.EINVAL, pin(PFN + 16), "not mapped");
    assertThrows(
        IllegalArgumentException.class,
        () -> pinning.pinPages(DEVICE, new long[] {PFN}, READ, new long[2]));
  }

  @Test
  void rightsThatTheMappingDoesNotGiveAreRefused() {
    listen(0);
    long iova = 0x80_0000;
    assertEquals(
        0,
        device.container.mapDma(
            device.process, new DmaMap(DmaMap.SIZE_BYTES, DmaMap.READ, V + SIZE, iova, SIZE)));
    long[] page = {iova >>> 12};
    assertEquals(Errno.EPERM, pinning.pinPages(DEVICE, page, READ | WRITE, new long[1]));
    assertEquals(1, pinning.pinPages(DEVICE, page, READ, new long[1]));
  }

  @Test
  void versionOneHasNone() {
    try (HandedOutDevice old = new HandedOutDevice(new ToyFixture(), IommuType.TYPE1)) {
      PagePinning pins = old.vfio.pinning();
      assertEquals(0, pins.registerNotifier(DEVICE, (iova, size) -> {}));
      assertEquals(Errno.EACCES, pins.pinPages(DEVICE, new long[] {PFN}, READ, new long[1]));
      assertEquals(Errno.EACCES, pins.unpinPages(DEVICE, PFN));
    }
  }

  @Test
  void oneThatFailsUndoesThoseBeforeIt() {
    listen(0);
    assertEquals(1, pin(PFN));
    long before = pinned();
    long[] pfns = {1, 2, 3};
    assertEquals(
        Errno.EINVAL, pinning.pinPages(DEVICE, new long[] {PFN, PFN + 1, PFN + 99}, READ, pfns));
    assertArrayEquals(new long[3], pfns);
    assertEquals(before, pinned());
    assertEquals(1, pinning.unpinPages(DEVICE, PFN));
    assertEquals(before - 1, pinned(), "the first pin was still there");
  }

  @Test
  void memoryThatTheProcessGaveUpCannotBePinned() {
    listen(0);
    assertEquals(0, device.process.memory().munmap(V, 4096));
    assertEquals(Errno.EFAULT, pin(PFN));
    device.process.exit();
    assertEquals(Errno.ENODEV, pin(PFN + 1));
  }

  @Test
  void unpinningStopsWhereNothingIsMappedAndPassesOverWhatIsNotPinned() {
    listen(0);
    assertEquals(1, pin(PFN));
    assertEquals(2, pinning.unpinPages(DEVICE, PFN + 5, PFN, PFN + 99, PFN));
    assertEquals(Errno.EINVAL, pinning.unpinPages(DEVICE, PFN + 99));
  }

  @Test
  void driversAreToldBeforeWhatTheyPinnedGoes() {
    listen(16);
    assertEquals(0, map(V + SIZE, IOVA + SIZE));
    long before = pinned();
    assertEquals(2, pin(PFN, PFN + 1));
    assertEquals(before + 2, pinned());
    assertEquals(new UnmapResult(0, 2 * SIZE), unmap(IOVA, 2 * SIZE));
    assertEquals(List.of("0x100000+0x10000"), heard, "nothing of the second was pinned");
    assertEquals(0, pinned());
    assertEquals(0, device.process.memory().lockedPages());
  }

  @Test
  void driversAreToldInTheOrderInWhichTheyCame() {
    HandedOutDevice.check(pinning.registerNotifier(DEVICE, (iova, size) -> heard.add("first")));
    listen(1);
    assertEquals(1, pin(PFN));
    assertEquals(new UnmapResult(0, SIZE), unmap(IOVA, SIZE));
    assertEquals(List.of("first", "0x100000+0x10000"), heard);
  }

  /** Of three mappings 5.10 takes the middle one first, which is the root of its tree. */
  @Test
  void theLaterReleaseTakesTheLowestMappingFirst() {
    assertEquals("0x110000+0x10000", firstToGo(Linux510.RULES));
    assertEquals("0x100000+0x10000", firstToGo(Linux61.RULES));
  }

  @Test
  void nothingIsPinnedWhileNobodyKnowsWhereMemoryIs() {
    try (HandedOutDevice handed =
        new HandedOutDevice(new ToyFixture(), IommuType.TYPE1_V2, Linux61.RULES)) {
      PagePinning pins = handed.vfio.pinning();
      handed.process.memory().mmap(V, 2 * SIZE, MemoryRights.READ_WRITE, Backing.scattered());
      HandedOutDevice.check(pins.registerNotifier(DEVICE, (iova, size) -> {}));
      HandedOutDevice.check(
          handed.container.mapDma(handed.process, DmaMap.readWrite(V, IOVA, SIZE)));
      DmaUnmap invalidating = DmaUnmap.invalidating(IOVA, SIZE);
      assertEquals(
          new UnmapResult(0, SIZE), handed.container.unmapDma(handed.process, invalidating));
      long[] page = {PFN};
      assertEquals(Errno.EBUSY, pins.pinPages(DEVICE, page, READ, new long[1]));
      DmaMap elsewhere = DmaMap.move(V + SIZE, IOVA, SIZE);
      assertEquals(0, handed.container.mapDma(handed.process, elsewhere));
      long[] pfns = new long[1];
      assertEquals(1, pins.pinPages(DEVICE, page, READ, pfns));
      assertEquals(handed.process.memory().pagemap(V + SIZE).pfn(), pfns[0]);
    }
  }

  private static String firstToGo(KernelRules rules) {
    List<String> told = new ArrayList<>();
    try (HandedOutDevice handed =
        new HandedOutDevice(new ToyFixture(), IommuType.TYPE1_V2, rules)) {
      PagePinning pins = handed.vfio.pinning();
      handed.process.memory().mmap(V, 3 * SIZE, MemoryRights.READ_WRITE, Backing.scattered());
      HandedOutDevice.check(
          pins.registerNotifier(
              DEVICE,
              (iova, size) -> {
                told.add(String.format("0x%x+0x%x", iova, size));
                pins.unpinPages(DEVICE, iova >>> 12);
              }));
      for (int i = 0; i < 3; i++) {
        HandedOutDevice.check(
            handed.container.mapDma(
                handed.process, DmaMap.readWrite(V + i * SIZE, IOVA + i * SIZE, SIZE)));
        long[] page = {(IOVA + i * SIZE) >>> 12};
        assertEquals(1, pins.pinPages(DEVICE, page, READ, new long[1]));
      }
      DmaUnmap all = DmaUnmap.of(IOVA, 3 * SIZE);
      assertEquals(new UnmapResult(0, 3 * SIZE), handed.container.unmapDma(handed.process, all));
      assertEquals(3, told.size());
      return told.get(0);
    }
  }

  @Test
  void aDriverThatUnpinsBitByBitIsToldAgainAndOneThatNeverDoesStopsTheKernel() {
    listen(1);
    assertEquals(2, pin(PFN, PFN));
    assertEquals(new UnmapResult(0, SIZE), unmap(IOVA, SIZE));
    assertEquals(2, heard.size());

    heard.clear();
    assertEquals(0, map(V, IOVA));
    assertEquals(1, pin(PFN + 1));
    assertThrows(IllegalStateException.class, () -> unmap(IOVA, SIZE));
    assertEquals(11, heard.size());
  }

  private boolean[] dirty() {
    DirtyBitmap bitmap = DirtyBitmap.of(4096, SIZE);
    assertEquals(0, device.container.dirtyPages(DirtyPages.bitmap(IOVA, SIZE, bitmap)));
    boolean[] dirty = new boolean[16];
    for (int page = 0; page < dirty.length; page++) {
      dirty[page] = bitmap.isDirty(page);
    }
    return dirty;
  }

  private static boolean[] pages(int... set) {
    boolean[] pages = new boolean[16];
    for (int page : set) {
      pages[page] = true;
    }
    return pages;
  }

  @Test
  void oncePagesArePinnedOnlyThoseAreDirty() {
    listen(0);
    assertEquals(0, device.container.dirtyPages(DirtyPages.start()));
    assertArrayEquals(pages(IntStream.range(0, 16).toArray()), dirty());
    assertEquals(2, pin(PFN + 2, PFN + 7));
    assertArrayEquals(pages(2, 7), dirty());
    assertArrayEquals(pages(2, 7), dirty(), "they are dirty for as long as they are pinned");
    assertEquals(1, pinning.unpinPages(DEVICE, PFN + 2));
    assertArrayEquals(pages(2, 7), dirty(), "it was when the map was last asked for");
    assertArrayEquals(pages(7), dirty());
    assertEquals(0, device.container.dirtyPages(DirtyPages.stop()));
    assertEquals(0, device.container.dirtyPages(DirtyPages.start()));
    assertArrayEquals(pages(7), dirty());
  }

  @Test
  void aGroupThatPinsNothingMakesEverythingDirtyUntilItGoes() {
    listen(0);
    assertEquals(1, pin(PFN + 7));
    device.vfio.drivers().setDriverOverride(KitMachine.OTHER, "vfio-pci");
    HandedOutDevice.check(device.vfio.drivers().bind(KitMachine.OTHER, "vfio-pci"));
    VfioGroup second = device.vfio.openGroupOf(KitMachine.OTHER).orThrow();
    assertEquals(0, second.setContainer(device.container));
    assertEquals(0, device.container.dirtyPages(DirtyPages.start()));
    assertArrayEquals(pages(IntStream.range(0, 16).toArray()), dirty());
    assertEquals(0, second.unsetContainer());
    assertArrayEquals(
        pages(IntStream.range(0, 16).toArray()), dirty(), "what it may have written until then");
    assertArrayEquals(pages(7), dirty());
    assertTrue(pinned() > 16);
  }
}
