package org.iommu4j.swiotlb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.PhysicalMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SwiotlbPoolTest {
  private static final long START = 0x7be9_f000L;
  private static final long BUFFER = 0x1_2345_6780L;
  private static final int NONE = DmaAttributes.NONE;

  private final PhysicalMemory memory = PhysicalMemory.everywhere();
  private final List<String> lines = new ArrayList<>();
  private long nowMillis;
  private final DeviceLog log = new DeviceLog(lines::add, () -> nowMillis);
  private final Device device = new Device("0000:00:05.0");
  private final SwiotlbPool pool =
      SwiotlbPool.at(Rules.USUAL, memory, START, 256, SwiotlbForce.NORMAL, log);

  private void expect(long phys, long bytes, int value) {
    for (long at = phys; at < phys + bytes; at++) {
      assertEquals((byte) value, memory.read8(at), "at 0x" + Long.toHexString(at));
    }
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void mappingCopiesWhateverTheDirection(DmaDirection direction) {
    memory.fill(BUFFER, 5000, (byte) 7);
    long copy = pool.map(device, BUFFER, 5000, direction, DmaAttributes.SKIP_CPU_SYNC);
    assertEquals(START, copy);
    expect(copy, 5000, 7);
    expect(copy + 5000, 1144, 0);
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void unmappingCopiesBackWhatTheDeviceMayHaveWritten(DmaDirection direction) {
    memory.fill(BUFFER, 100, (byte) 7);
    long copy = pool.map(device, BUFFER, 100, direction, NONE);
    memory.fill(copy, 101, (byte) 9);
    pool.unmapSingle(device, copy, 100, 100, direction, NONE);
    expect(BUFFER, 100, direction.deviceWrites() ? 9 : 7);
    expect(BUFFER + 100, 1, 0);
    assertEquals(0, pool.usedSlots());
  }

  @Test
  void unmappingWithoutASyncCopiesNothing() {
    long copy = pool.map(device, BUFFER, 100, DmaDirection.BIDIRECTIONAL, NONE);
    memory.fill(copy, 100, (byte) 9);
    int skip = DmaAttributes.SKIP_CPU_SYNC;
    pool.unmapSingle(device, copy, 100, 100, DmaDirection.BIDIRECTIONAL, skip);
    expect(BUFFER, 100, 0);
  }

  @Test
  void aPartialSyncMovesItsBytesOnly() {
    device.setMinAlignMask(0xfff);
    memory.fill(BUFFER, 8000, (byte) 1);
    long copy = pool.map(device, BUFFER, 8000, DmaDirection.BIDIRECTIONAL, NONE);
    assertEquals(BUFFER & 0xfff, copy & 0xfff);
    memory.fill(copy, 8000, (byte) 2);
    pool.syncForCpu(device, copy + 3000, 1000, DmaDirection.BIDIRECTIONAL);
    expect(BUFFER, 3000, 1);
    expect(BUFFER + 3000, 1000, 2);
    expect(BUFFER + 4000, 4000, 1);
    pool.syncForDevice(device, copy + 6000, 10, DmaDirection.BIDIRECTIONAL);
    expect(copy + 5999, 1, 2);
    expect(copy + 6000, 10, 1);
    expect(copy + 6010, 1, 2);
  }

  @Test
  void syncsAgainstTheDirectionMoveNothing() {
    long to = pool.map(device, BUFFER, 10, DmaDirection.TO_DEVICE, NONE);
    memory.fill(to, 10, (byte) 5);
    pool.syncForCpu(device, to, 10, DmaDirection.TO_DEVICE);
    expect(BUFFER, 10, 0);
    pool.syncForDevice(device, to, 10, DmaDirection.FROM_DEVICE);
    expect(to, 10, 5);
    pool.syncForCpu(device, START + 0x10000, 10, DmaDirection.BIDIRECTIONAL);
  }

  @Test
  void whatIsLargerThanASegmentNeverFits() {
    long limit = pool.maxMappingSizeBytes(device);
    assertEquals(0x40000, limit);
    assertEquals(START, pool.map(device, BUFFER, limit, DmaDirection.TO_DEVICE, NONE));
    assertEquals(-1, pool.map(device, BUFFER, limit + 1, DmaDirection.TO_DEVICE, NONE));
    assertEquals(
        List.of(
            "pci 0000:00:05.0: swiotlb buffer is full (sz: 262145 bytes),"
                + " total 256 (slots), used 128 (slots)"),
        lines);
    device.setMinAlignMask(0xfff);
    assertEquals(0x3f000, pool.maxMappingSizeBytes(device));
  }

  @Test
  void aPoolThatDidNotFitIsTheKernelsEnd() {
    SwiotlbPool none =
        SwiotlbPool.notAllocated(Rules.USUAL, memory, 1 << 23, SwiotlbForce.NORMAL, log);
    assertEquals(DmaMapping.MAPPING_ERROR, none.mapSingle(device, BUFFER, 10, 4096, NONE));
    assertTrue(lines.get(0).startsWith("Kernel panic - not syncing: "), lines.get(0));
  }

  @Test
  void aFullPoolSaysSoTenTimesInFiveSecondsUnlessAskedNotTo() {
    SwiotlbPool none = SwiotlbPool.absent(Rules.USUAL, memory, 0, SwiotlbForce.NORMAL, log);
    assertFalse(none.isActive());
    assertFalse(none.contains(0));
    for (int i = 0; i < 12; i++) {
      long mapped = none.mapSingle(device, BUFFER, 10, 4096, NONE);
      assertEquals(DmaMapping.MAPPING_ERROR, mapped);
    }
    assertEquals(10, lines.size());
    nowMillis = 5000;
    none.mapSingle(device, BUFFER, 10, 4096, NONE);
    assertEquals(10, lines.size());
    nowMillis = 5001;
    none.mapSingle(device, BUFFER, 10, 4096, DmaAttributes.NO_WARN);
    assertEquals(10, lines.size());
    none.mapSingle(device, BUFFER, 10, 4096, NONE);
    assertEquals("swiotlb_tbl_map_single: 3 callbacks suppressed", lines.get(10));
    assertEquals(12, lines.size());
  }

  @Test
  void withoutAPoolTheKernelLooksForAsManySlotsAsWereAskedForByANullPointer() {
    SwiotlbPool one = SwiotlbPool.absent(Rules.USUAL, memory, 1, SwiotlbForce.NO_FORCE, log);
    assertEquals(DmaMapping.MAPPING_ERROR, one.mapSingle(device, BUFFER, 10, 4096, NONE));
    assertEquals(
        List.of(
            "pci 0000:00:05.0: swiotlb buffer is full (sz: 4096 bytes),"
                + " total 1 (slots), used 0 (slots)"),
        lines);
    SwiotlbPool many = SwiotlbPool.absent(Rules.USUAL, memory, 65536, SwiotlbForce.NORMAL, log);
    assertThrows(
        IllegalArgumentException.class, () -> many.mapSingle(device, BUFFER, 10, 4096, NONE));
    assertEquals(1, lines.size());
  }

  @Test
  void aNewPoolIsCleared() {
    memory.fill(BUFFER & -4096, 128 * 2048, (byte) 5);
    SwiotlbPool made =
        SwiotlbPool.at(Rules.USUAL, memory, BUFFER & -4096, 128, SwiotlbForce.NORMAL, log);
    expect(made.range().startPhys(), made.range().lengthBytes(), 0);
  }

  @Test
  void slotsAreCountedIn32Bits() {
    long most = (1L << 43) - 2048;
    assertEquals(DmaMapping.MAPPING_ERROR, pool.mapSingle(device, BUFFER, 1, most, NONE));
    assertEquals(1, lines.size());
    for (long bytes : new long[] {most + 1, most + 2049, -1, -2047, 0}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> pool.mapSingle(device, BUFFER, 0, bytes, NONE),
          () -> "0x" + Long.toHexString(bytes));
    }
    assertEquals(DmaMapping.MAPPING_ERROR, pool.mapSingle(device, BUFFER, 1, -4096, NONE));
    pool.mapSingle(device, BUFFER, 1, 128 * 2048, NONE);
    pool.mapSingle(device, BUFFER, 1, 128 * 2048, NONE);
    assertEquals(DmaMapping.MAPPING_ERROR, pool.mapSingle(device, BUFFER, 1, most + 2049, NONE));
    assertEquals(3, lines.size(), "one slot is more than there are");
  }

  @Test
  void aBoundaryThatIsNoPowerOfTwoOfSlotsIsTheKernelsEnd() {
    for (long mask : new long[] {0x17ff, -2, 0x2fff}) {
      device.setSegmentBoundaryMask(mask);
      assertThrows(
          IllegalArgumentException.class,
          () -> pool.map(device, BUFFER, 10, DmaDirection.TO_DEVICE, NONE),
          () -> "0x" + Long.toHexString(mask));
    }
    device.setSegmentBoundaryMask(0x800);
    long copy = pool.map(device, BUFFER, 10, DmaDirection.TO_DEVICE, NONE);
    assertEquals(START, copy, "2049 bytes round up to two slots");
  }

  @Test
  void slotsGivenBackByTheirPageAreWhoseverTheyAre() {
    device.setMinAlignMask(0x800);
    long ours = pool.map(device, 0x1_2345_6800L, 10, DmaDirection.TO_DEVICE, NONE);
    assertEquals(START + 2048, ours);
    Device other = new Device("0000:00:06.0");
    pool.mapSingle(other, BUFFER, 0, 126 * 2048, NONE);
    pool.mapSingle(other, BUFFER, 0, 128 * 2048, NONE);
    long theirs = pool.map(other, BUFFER, 10, DmaDirection.FROM_DEVICE, NONE);
    assertEquals(START, theirs);
    device.setMinAlignMask(0); // what the device wants by now changes nothing
    pool.unmapSingle(device, theirs, 10, 10, DmaDirection.TO_DEVICE, NONE);
    assertEquals(255, pool.usedSlots());
    memory.fill(theirs, 10, (byte) 9);
    pool.unmapSingle(other, theirs, 10, 10, DmaDirection.FROM_DEVICE, NONE);
    expect(BUFFER, 10, 0);
    assertEquals(254, pool.usedSlots());
    pool.unmapSingle(other, START + 4096, 0, 126 * 2048, DmaDirection.TO_DEVICE, NONE);
    pool.unmapSingle(other, START + (128 << 11), 0, 128 * 2048, DmaDirection.TO_DEVICE, NONE);
    pool.unmapSingle(other, START, 0, 1, DmaDirection.TO_DEVICE, NONE);
    pool.mapSingle(device, BUFFER, 0, 1 << 20, NONE);
    assertEquals(
        List.of(
            "pci 0000:00:05.0: swiotlb buffer is full (sz: 1048576 bytes),"
                + " total 256 (slots), used 18446744073709551615 (slots)"),
        lines);
    pool.checkInvariants();
    assertThrows(
        IllegalArgumentException.class,
        () -> pool.unmapSingle(device, START, 1, 129 * 2048, DmaDirection.TO_DEVICE, NONE));
  }

  @Test
  void aMappingLargerThanItsSlotsIsRefusedAndReportedOnce() {
    for (int i = 0; i < 2; i++) {
      assertEquals(DmaMapping.MAPPING_ERROR, pool.mapSingle(device, BUFFER, 4097, 4096, NONE));
    }
    assertEquals(
        List.of("pci 0000:00:05.0: Invalid sizes (mapping: 4097 bytes, alloc: 4096 bytes)"), lines);
    assertEquals(0, pool.usedSlots());
  }

  @Test
  void aPoolOutOfReachKeepsNoSlots() {
    device.setBusDmaLimit(0xff_ffffL);
    memory.fill(BUFFER, 10, (byte) 3);
    for (int i = 0; i < 2; i++) {
      long mapped = pool.map(device, BUFFER, 10, DmaDirection.FROM_DEVICE, NONE);
      assertEquals(DmaMapping.MAPPING_ERROR, mapped);
    }
    assertEquals(
        List.of(
            "pci 0000:00:05.0: swiotlb addr 0x000000007be9f000+10 overflow"
                + " (mask ffffffff, bus limit ffffff)."),
        lines);
    assertEquals(0, pool.usedSlots());
    expect(BUFFER, 10, 3);
  }

  @Test
  void misuseIsNamed() {
    assertThrows(
        IllegalArgumentException.class,
        () -> pool.map(device, BUFFER, 0, DmaDirection.TO_DEVICE, NONE));
    assertThrows(
        IllegalArgumentException.class,
        () -> pool.unmapSingle(device, START, 1, 1, DmaDirection.TO_DEVICE, NONE));
    assertThrows(
        IllegalArgumentException.class,
        () -> SwiotlbPool.at(Rules.USUAL, memory, START, 100, SwiotlbForce.NORMAL, log));
    assertTrue(pool.contains(START) && !pool.contains(START + 256 * 2048));
  }
}
