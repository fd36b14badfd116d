package org.iommu4j.swiotlb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.PhysicalMemory;
import org.junit.jupiter.api.Test;

/** Pools whose slots know how large their copies are, and whose areas are the CPUs'. */
final class SizedCopiesTest {
  private static final long START = 0x10_0000;
  private static final long BUFFER = 0x1_0000_0000L;
  private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

  private final PhysicalMemory memory = PhysicalMemory.everywhere();
  private final List<String> lines = new ArrayList<>();
  private final Device device = new Device("0000:00:05.0");
  private int cpu;

  private SwiotlbPool pool(SwiotlbRules rules, int slots, int areas) {
    return SwiotlbPool.at(
        rules,
        memory,
        START,
        slots,
        new PoolAreas(areas, () -> cpu),
        SwiotlbForce.NORMAL,
        new DeviceLog(lines::add, () -> 0));
  }

  private long map(SwiotlbPool pool, int sizeBytes) {
    return pool.map(device, BUFFER, sizeBytes, BOTH, 0);
  }

  @Test
  void aCpuHasItsArea() {
    SwiotlbPool pool = pool(Rules.LATER, 512, 4);
    cpu = 2;
    assertEquals(START + 256 * 2048, map(pool, 100));
    cpu = 5;
    assertEquals(START + 128 * 2048, map(pool, 100), "the area of CPU 1");
    cpu = 2;
    assertEquals(START + 257 * 2048, map(pool, 100));
    assertEquals(3, pool.usedSlots());
  }

  @Test
  void aFullAreaSendsItsCpuToTheNext() {
    SwiotlbPool pool = pool(Rules.LATEST, 256, 2);
    cpu = 1;
    assertEquals(START + 128 * 2048, map(pool, 256 << 10));
    assertEquals(START, map(pool, 2048), "round to the first");
    assertEquals(DmaMapping.MAPPING_ERROR, map(pool, 256 << 10));
    assertEquals(
        List.of(
            "pci 0000:00:05.0: swiotlb buffer is full (sz: 262144 bytes), total 256 (slots), used"
                + " 129 (slots)"),
        lines);
    pool.unmapSingle(device, START + 128 * 2048, 256 << 10, 0, BOTH, 0);
    assertEquals(1, pool.usedSlots());
    pool.checkInvariants();
  }

  @Test
  void areasAreWholeSegments() {
    assertThrows(IllegalArgumentException.class, () -> pool(Rules.LATER, 128, 2));
    assertThrows(IllegalArgumentException.class, () -> pool(Rules.LATER, 128, 0));
  }

  @Test
  void slotsComeBackWhateverTheCallerSays() {
    SwiotlbPool pool = pool(Rules.LATER, 128, 1);
    long copy = map(pool, 5000);
    assertEquals(3, pool.usedSlots());
    pool.unmapSingle(device, copy, 5000, 1, BOTH, 0);
    assertEquals(0, pool.usedSlots());
  }

  @Test
  void noMoveLeavesACopy() {
    for (SwiotlbRules rules : List.of(Rules.LATER, Rules.LATEST)) {
      lines.clear();
      SwiotlbPool pool = pool(rules, 128, 1);
      long copy = map(pool, 100);
      memory.fill(copy, 2048, (byte) 5);
      memory.fill(BUFFER, 2048, (byte) 1);
      for (int i = 0; i < 2; i++) {
        pool.syncForCpu(device, copy + 10, 2000, BOTH);
      }
      assertEquals(5, memory.read8(BUFFER + 99));
      assertEquals(1, memory.read8(BUFFER + 100));
      assertEquals(
          List.of(
              "pci 0000:00:05.0: Buffer overflow detected. Allocation size: 90. Mapping size:"
                  + " 2000."),
          lines);
    }
  }

  @Test
  void aReleaseRefusesTheOffsetOfAnySlot() {
    device.setMinAlignMask(0x7ff);
    SwiotlbPool later = pool(Rules.LATER, 128, 1);
    long copy = later.map(device, BUFFER + 100, 4000, BOTH, 0);
    assertEquals(START + 100, copy);
    memory.fill(copy, 4000, (byte) 5);
    later.syncForCpu(device, copy + 2000, 8, BOTH);
    assertEquals(0, memory.read8(BUFFER + 2100), "slot 1, byte 52: taken for none of the copy");
    assertEquals(
        List.of(
            "pci 0000:00:05.0: Access before mapping start detected. orig offset 100, requested"
                + " offset 52."),
        lines);
    later.syncForCpu(device, copy + 2048, 8, BOTH);
    assertEquals(5, memory.read8(BUFFER + 2148));
    SwiotlbPool latest = pool(Rules.LATEST, 128, 1);
    copy = latest.map(device, BUFFER + 100, 4000, BOTH, 0);
    memory.fill(copy, 4000, (byte) 6);
    latest.syncForCpu(device, copy + 2000, 8, BOTH);
    assertEquals(6, memory.read8(BUFFER + 2100));
    assertEquals(1, lines.size());
  }

  @Test
  void aCopyBeginsAsFarBehindAnAlignedSlotAsItsBuffer() {
    device.setMinAlignMask(0xfff);
    SwiotlbPool pool = pool(Rules.LATEST, 128, 1);
    long phys = BUFFER + 2048 + 100;
    memory.fill(phys, 1000, (byte) 7);
    long copy = pool.mapSingle(device, phys, 1000, 4096, 0xfff, 0);
    assertEquals(START + 2048 + 100, copy);
    assertEquals(2, pool.usedSlots(), "the slot before it is taken too");
    assertEquals(7, memory.read8(copy + 999));
    memory.fill(copy, 1000, (byte) 8);
    pool.unmapSingle(device, copy, 1000, 4096, BOTH, 0);
    assertEquals(8, memory.read8(phys + 999));
    assertEquals(0, pool.usedSlots());
    pool.checkInvariants();
  }

  @Test
  void whatBouncesIsSyncedFromThenOn() {
    device.skipSync();
    map(pool(Rules.LATEST, 128, 1), 10);
    assertEquals(false, device.skipsSync());
  }
}
