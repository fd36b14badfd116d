package org.iommu4j.bounce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPath;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.swiotlb.BouncingSystem;
import org.iommu4j.swiotlb.SlotSearch;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.iommu4j.swiotlb.SwiotlbRules;
import org.junit.jupiter.api.Test;

final class BounceDmaOpsTest {
  private static final SwiotlbRules SLOTS =
      new SwiotlbRules(
          64L << 20,
          SwiotlbRules.Areas.ONE,
          128,
          SlotSearch.FROM_ROUNDED_INDEX,
          SwiotlbRules.Placement.IN_FIRST_SLOT,
          SwiotlbRules.Bounds.UNCHECKED,
          SwiotlbRules.Absence.LOOKED_FOR);

  private static final long POOL = 0x7be9_f000L;
  private static final long PAGE = 0x1_2345_6000L;
  private static final DmaDirection TO = DmaDirection.TO_DEVICE;
  private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;

  private final PhysicalMemory memory = PhysicalMemory.everywhere();
  private final List<String> lines = new ArrayList<>();
  private final DeviceLog log = new DeviceLog(lines::add, () -> 0);
  private final SwiotlbPool pool =
      SwiotlbPool.at(SLOTS, memory, POOL, 256, SwiotlbForce.NORMAL, log);
  private final Device device = new Device("0000:01:00.0");
  private final PlainMapper mapper = new PlainMapper(device);
  private final CoherentOps coherent = new CoherentOps();
  private final FrameAllocator frames =
      new FrameAllocator(memory, List.of(new PhysRange(1 << 24, 1 << 25)));
  private final BounceDmaOps ops =
      new BounceDmaOps(mapper, coherent, new BouncingSystem(memory, frames, 0x18_0000, pool, log));

  private long slotOf(long dmaAddr) {
    return mapper.iovaToPhys(device, dmaAddr);
  }

  private void expectNothingKept() {
    assertEquals(0, pool.usedSlots());
    assertEquals(0, mapper.allocatedPages);
    assertTrue(mapper.pfnByIovaPfn.isEmpty());
  }

  @Test
  void wholePagesAreMappedInPlace() {
    long dmaAddr = ops.mapPage(device, PAGE, 8192, TO, 0);
    assertEquals(PAGE, slotOf(dmaAddr));
    assertEquals(PAGE + 4096, slotOf(dmaAddr + 4096));
    assertEquals(0, pool.usedSlots());
    ops.unmapPage(device, dmaAddr, 8192, TO, 0);
    expectNothingKept();
  }

  @Test
  void theOffsetOfABouncedBufferIsLost() {
    memory.fill(PAGE + 0x123, 5000, (byte) 7);
    long dmaAddr = ops.mapPage(device, PAGE + 0x123, 5000, TO, 0);
    assertEquals(0, dmaAddr & 0xfff);
    assertEquals(POOL, slotOf(dmaAddr));
    assertEquals(7, memory.read8(POOL + 4999));
    ops.unmapPage(device, dmaAddr, 5000, TO, 0);
    expectNothingKept();
  }

  @Test
  void anOffsetThatTheDeviceWantsKeptIsLostAndASlotWithIt() {
    device.setMinAlignMask(0x1ff);
    memory.fill(PAGE + 0x123, 100, (byte) 7);
    long dmaAddr = ops.mapPage(device, PAGE + 0x123, 100, DmaDirection.BIDIRECTIONAL, 0);
    assertEquals(POOL, slotOf(dmaAddr));
    assertEquals(0, memory.read8(POOL));
    assertEquals(7, memory.read8(POOL + 0x123));
    ops.unmapPage(device, dmaAddr, 100, DmaDirection.BIDIRECTIONAL, 0);
    assertEquals(0, memory.read8(PAGE + 0x123)); // the slot's first byte, not the buffer's
    assertEquals(1, pool.usedSlots());
  }

  @Test
  void anOffsetOfMoreThanASlotGivesAnotherSlotBack() {
    device.setMinAlignMask(0xfff);
    long dmaAddr = ops.mapPage(device, PAGE + 0x900, 100, TO, 0);
    assertEquals(POOL, slotOf(dmaAddr)); // the data lies in the second slot of the page
    assertEquals(3, pool.usedSlots());
    ops.unmapPage(device, dmaAddr, 100, TO, 0);
    assertEquals(1, pool.usedSlots());
  }

  @Test
  void whatTheDeviceDidNotWriteComesBackAsZeros() {
    memory.fill(PAGE, 100, (byte) 7);
    long dmaAddr = ops.mapPage(device, PAGE, 100, FROM, 0);
    memory.write8(slotOf(dmaAddr) + 1, (byte) 8);
    ops.unmapPage(device, dmaAddr, 100, FROM, 0);
    assertEquals(0, memory.read8(PAGE));
    assertEquals(8, memory.read8(PAGE + 1));
    assertEquals(0, memory.read8(PAGE + 2));
    expectNothingKept();
  }

  @Test
  void whatFollowsTheCopyIsCleared() {
    memory.fill(POOL, 8192, (byte) 9);
    memory.fill(PAGE, 100, (byte) 7);
    ops.mapPage(device, PAGE, 100, DmaDirection.BIDIRECTIONAL, 0);
    assertEquals(7, memory.read8(POOL + 99));
    assertEquals(0, memory.read8(POOL + 100));
    assertEquals(0, memory.read8(POOL + 4095));
    assertEquals(9, memory.read8(POOL + 4096));
  }

  @Test
  void theWholeCopyIsClearedWhereTheDeviceOnlyWritesOrNoSyncIsWanted() {
    memory.fill(PAGE, 100, (byte) 7);
    ops.mapPage(device, PAGE, 100, FROM, 0);
    assertEquals(0, memory.read8(POOL));
    long second = ops.mapPage(device, PAGE, 100, TO, DmaAttributes.SKIP_CPU_SYNC);
    assertEquals(0, memory.read8(slotOf(second)));
  }

  @Test
  void syncsAndTheUnmappingGoThroughTheTranslation() {
    long dmaAddr = ops.mapPage(device, PAGE + 8, 5000, DmaDirection.BIDIRECTIONAL, 0);
    memory.fill(POOL, 5000, (byte) 3);
    ops.syncSingleForCpu(device, dmaAddr + 4090, 10, DmaDirection.BIDIRECTIONAL);
    assertEquals(0, memory.read8(PAGE + 8 + 4089));
    assertEquals(3, memory.read8(PAGE + 8 + 4090));
    assertEquals(3, memory.read8(PAGE + 8 + 4099));
    assertEquals(0, memory.read8(PAGE + 8 + 4100));
    memory.fill(PAGE, 6000, (byte) 4);
    ops.syncSingleForDevice(device, dmaAddr, 1, DmaDirection.BIDIRECTIONAL);
    assertEquals(4, memory.read8(POOL));
    assertEquals(3, memory.read8(POOL + 1));
    ops.unmapPage(device, dmaAddr, 5000, DmaDirection.BIDIRECTIONAL, 0);
    assertEquals(3, memory.read8(PAGE + 8 + 4999));
    assertEquals(4, memory.read8(PAGE + 8 + 5000));
    expectNothingKept();
    ops.syncSingleForCpu(device, dmaAddr, 1, FROM);
  }

  @Test
  void aFullPoolFailsAndLeaksNothing() {
    assertEquals(-1, ops.mapPage(device, PAGE, 0x94d61, DmaDirection.BIDIRECTIONAL, 0));
    expectNothingKept();
    assertEquals(
        List.of(
            "pci 0000:01:00.0: swiotlb buffer is full (sz: 610304 bytes),"
                + " total 256 (slots), used 0 (slots)",
            "pci 0000:01:00.0: PLAIN: Device bounce map: 94d61@123456000 dir 0 --- failed"),
        lines);
  }

  @Test
  void aFailedMappingGivesSlotsAndAddressesBack() {
    mapper.broken = true;
    assertEquals(-1, ops.mapPage(device, PAGE, 10, TO, 0));
    assertEquals(-1, ops.mapPage(device, PAGE, 4096, FROM, 0));
    expectNothingKept();
    assertEquals(
        "pci 0000:01:00.0: PLAIN: Device bounce map: a@123456000 dir 1 --- failed", lines.get(0));
    mapper.full = true;
    assertEquals(-1, ops.mapPage(device, PAGE, 10, TO, 0));
    expectNothingKept();
    assertEquals(2, lines.size());
  }

  @Test
  void aMappingThatFailsForWantOfPageTablesWipesTheBuffer() {
    memory.fill(PAGE, 200, (byte) 7);
    mapper.broken = true;
    assertEquals(DmaMapping.MAPPING_ERROR, ops.mapPage(device, PAGE, 100, FROM, 0));
    assertEquals(0, memory.read8(PAGE), "the cleared copy came back");
    assertEquals(7, memory.read8(PAGE + 100));
    assertEquals(-1, ops.mapPage(device, PAGE + 100, 100, FROM, DmaAttributes.SKIP_CPU_SYNC));
    assertEquals(7, memory.read8(PAGE + 100));
    expectNothingKept();
  }

  @Test
  void slotsAreKeptUntilTheirAddressIsUnmapped() {
    long dmaAddr = ops.mapPage(device, PAGE, 100, TO, 0);
    int[] usedSlots = new int[1];
    mapper.onUnmap = () -> usedSlots[0] = pool.usedSlots();
    ops.unmapPage(device, dmaAddr, 100, TO, 0);
    assertEquals(2, usedSlots[0]);
    expectNothingKept();
  }

  @Test
  void aDeviceWithoutADomainMapsNothing() {
    mapper.remapped = false;
    assertEquals(-1, ops.mapPage(device, PAGE, 10, TO, 0));
    ops.unmapPage(device, 0x1000, 10, TO, 0);
    ops.syncSingleForCpu(device, 0x1000, 10, FROM);
    expectNothingKept();
  }

  @Test
  void unmappingWhatIsNotMappedDoesNothing() {
    ops.unmapPage(device, 0x1000, 10, TO, 0);
    expectNothingKept();
  }

  @Test
  void noBytesAtAPagesStartGetAnAddressAndNothingThere() {
    long dmaAddr = ops.mapPage(device, PAGE, 0, TO, 0);
    assertNotEquals(DmaMapping.MAPPING_ERROR, dmaAddr);
    assertEquals(0, slotOf(dmaAddr));
    ops.unmapPage(device, dmaAddr, 0, TO, 0);
    assertThrows(IllegalArgumentException.class, () -> ops.mapPage(device, PAGE + 1, 0, TO, 0));
    expectNothingKept();
  }

  @Test
  void noBytesTakeASlotForGoodWhereTheirOffsetIsKept() {
    device.setMinAlignMask(0xfff);
    long dmaAddr = ops.mapPage(device, PAGE + 64, 0, TO, 0);
    assertNotEquals(DmaMapping.MAPPING_ERROR, dmaAddr);
    assertEquals(1, pool.usedSlots());
    ops.unmapPage(device, dmaAddr, 0, TO, 0);
    assertEquals(1, pool.usedSlots());
    assertThrows(IllegalArgumentException.class, () -> ops.mapPage(device, PAGE + 2048, 0, TO, 0));
  }

  @Test
  void aSizeThatWrapsWhenItIsRoundedUpIsRefused() {
    assertEquals(DmaMapping.MAPPING_ERROR, ops.mapPage(device, PAGE, -1, TO, 0));
    assertEquals(DmaMapping.MAPPING_ERROR, ops.mapPage(device, PAGE + 5, -6, FROM, 0));
    assertEquals(
        List.of(
            "pci 0000:01:00.0: Invalid sizes (mapping: -1 bytes, alloc: 0 bytes)",
            "pci 0000:01:00.0: PLAIN: Device bounce map:"
                + " ffffffffffffffff@123456000 dir 1 --- failed",
            "pci 0000:01:00.0: PLAIN: Device bounce map:"
                + " fffffffffffffffa@123456005 dir 2 --- failed"),
        lines);
    expectNothingKept();
  }

  @Test
  void aSizeThatNoDomainHasIsRefused() {
    mapper.full = true;
    assertEquals(DmaMapping.MAPPING_ERROR, ops.mapPage(device, PAGE, Long.MIN_VALUE, TO, 0));
    assertEquals(List.of(), lines);
    expectNothingKept();
  }

  @Test
  void aListIsMappedPieceByPieceOrNotAtAll() {
    ScatterList list = new ScatterList(3);
    list.add(PAGE, 0, 4096);
    list.add(PAGE, 0, 16);
    assertEquals(2, ops.mapSg(device, list, DmaDirection.BIDIRECTIONAL, 0));
    assertEquals(PAGE, slotOf(list.dmaAddr(0)));
    assertEquals(POOL, slotOf(list.dmaAddr(1)));
    memory.write8(POOL, (byte) 6);
    ops.syncSgForCpu(device, list, DmaDirection.BIDIRECTIONAL);
    assertEquals(6, memory.read8(PAGE));
    ops.unmapSg(device, list, DmaDirection.BIDIRECTIONAL, 0);
    expectNothingKept();
    list.add(PAGE, 0, (1 << 20) + 1);
    memory.write8(PAGE, (byte) 1);
    assertEquals(-5, ops.mapSg(device, list, FROM, 0));
    expectNothingKept();
    assertEquals(1, memory.read8(PAGE), "a list that fails copies nothing back");
  }

  @Test
  void coherentMemoryIsThatOfTheOperationsBelow() {
    CoherentBuffer buffer = Objects.requireNonNull(ops.allocCoherent(device, 100, 0));
    assertEquals(List.of(buffer), coherent.buffers);
    ops.freeCoherent(device, buffer, 0);
    assertEquals(List.of(), coherent.buffers);
    expectNothingKept();
  }

  @Test
  void itAnswersAsAnyRemappedDeviceDoes() {
    assertEquals("bounce_dma_ops", ops.symbol());
    assertEquals(DmaPath.BOUNCED, ops.path());
    assertEquals(0xffff_ffffL, ops.requiredMask(device));
    assertEquals(DmaMapping.NO_LIMIT, ops.maxMappingSizeBytes(device));
    assertTrue(ops.needsSync(device, 0));
    assertTrue(ops.isSupported(device, 0xff_ffffL));
    assertFalse(ops.isSupported(device, 0xffff));
  }

  @Property(tries = 300)
  void theDeviceReachesNoByteOutsideTheBuffer(
      @ForAll @IntRange(min = 0, max = 4095) int offset,
      @ForAll @IntRange(min = 1, max = 9000) int bytes,
      @ForAll DmaDirection direction) {
    Assume.that(direction != DmaDirection.NONE);
    memory.fill(PAGE, 16384, (byte) 0x55);
    memory.fill(PAGE + offset, bytes, (byte) 0x66);
    long dmaAddr = ops.mapPage(device, PAGE + offset, bytes, direction, 0);
    for (long at = dmaAddr; at < ((dmaAddr + bytes + 4095) & -4096); at++) {
      assertNotEquals(0x55, memory.read8(slotOf(at)), "a byte of somebody else is read");
      memory.write8(slotOf(at), (byte) 0x77);
    }
    ops.unmapPage(device, dmaAddr, bytes, direction, 0);
    for (int i = 0; i < 16384; i++) {
      boolean inside = i >= offset && i < offset + bytes;
      boolean aligned = ((offset | bytes) & 4095) == 0;
      int own = direction.deviceWrites() || aligned ? 0x77 : 0x66;
      assertEquals(inside ? own : 0x55, memory.read8(PAGE + i), "byte " + i);
    }
    expectNothingKept();
  }
}
