package org.iommu4j.passthrough;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DispatchRules;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaObserver;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.DmaPath;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.swiotlb.BouncingSystem;
import org.iommu4j.swiotlb.SlotSearch;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.iommu4j.swiotlb.SwiotlbRules;
import org.junit.jupiter.api.Test;

final class DirectDmaOpsTest {
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
  private static final long HIGH = 0x1_2345_6780L;
  private static final long LOW = 0x1234_5678L;
  private static final long MAX_PFN = 0x18_0000;
  private static final DmaDirection TO = DmaDirection.TO_DEVICE;

  private final PhysicalMemory memory = PhysicalMemory.everywhere();
  private final List<String> lines = new ArrayList<>();
  private final DeviceLog log = new DeviceLog(lines::add, () -> 0);
  private final Device device = new Device("0000:00:05.0");
  private SwiotlbPool pool = pool(SwiotlbForce.NORMAL);

  private SwiotlbPool pool(SwiotlbForce force) {
    return SwiotlbPool.at(SLOTS, memory, POOL, 1024, force, log);
  }

  private DmaOps ops() {
    FrameAllocator frames = new FrameAllocator(memory);
    return new DirectDmaOps(new BouncingSystem(memory, frames, MAX_PFN, pool, log));
  }

  @Test
  void aDeviceWithoutOperationsTakesTheSamePath() {
    assertEquals(DmaPath.DIRECT, ops().path());
    assertEquals(DmaPath.DIRECT, device.dmaPath());
  }

  @Test
  void whatTheDeviceReachesKeepsItsAddressAndTakesNoSlot() {
    DmaOps ops = ops();
    assertEquals(LOW, ops.mapPage(device, LOW, 1 << 20, TO, 0));
    assertFalse(ops.needsSync(device, LOW));
    ops.syncSingleForCpu(device, LOW, 10, DmaDirection.FROM_DEVICE);
    ops.unmapPage(device, LOW, 1 << 20, TO, 0);
    assertEquals(0, pool.usedSlots());
  }

  @Test
  void theLastByteDecidesAndTheBusCounts() {
    DmaOps ops = ops();
    assertEquals(0xffff_f000L, ops.mapPage(device, 0xffff_f000L, 0x1000, TO, 0));
    assertEquals(POOL, ops.mapPage(device, 0xffff_f000L, 0x1001, TO, 0));
    device.setBusDmaLimit(LOW);
    assertEquals(LOW, ops.mapPage(device, LOW, 1, TO, 0));
    assertEquals(-1, ops.mapPage(device, LOW, 2, TO, 0), "the pool is out of reach too");
  }

  @Test
  void whatTheDeviceDoesNotReachBouncesBothWays() {
    DmaOps ops = ops();
    memory.fill(HIGH, 3000, (byte) 1);
    long dmaAddr = ops.mapPage(device, HIGH, 3000, DmaDirection.BIDIRECTIONAL, 0);
    assertEquals(POOL, dmaAddr);
    assertTrue(ops.needsSync(device, dmaAddr));
    assertEquals(1, memory.read8(POOL + 2999));
    memory.fill(HIGH, 3000, (byte) 2);
    ops.syncSingleForDevice(device, dmaAddr + 100, 1, DmaDirection.BIDIRECTIONAL);
    assertEquals(2, memory.read8(POOL + 100));
    assertEquals(1, memory.read8(POOL + 101));
    memory.fill(POOL, 3000, (byte) 3);
    ops.unmapPage(device, dmaAddr, 3000, DmaDirection.BIDIRECTIONAL, 0);
    assertEquals(3, memory.read8(HIGH + 2999));
    assertEquals(0, pool.usedSlots());
  }

  private static DmaMapping mapping(DmaOps ops) {
    DispatchRules rules =
        new DispatchRules(
            DispatchRules.Resources.ALL,
            DispatchRules.ListErrors.TOLD,
            DispatchRules.Syncing.ASKED,
            DispatchRules.FreeBlocks.LISTED);
    return new DmaMapping(rules, ops, pfn -> false, DmaObserver.NONE);
  }

  @Test
  void forceBouncesEvenWhatIsReached() {
    pool = pool(SwiotlbForce.FORCE);
    DmaOps ops = ops();
    assertEquals(POOL, ops.mapPage(device, LOW, 16, TO, 0));
    mapping(ops).setMask(device, -1L);
    assertEquals(0x40000, ops.maxMappingSizeBytes(device));
  }

  @Test
  void noForceFailsAndSaysSoOnceForPagesAndOnceForLists() {
    pool = pool(SwiotlbForce.NO_FORCE);
    DmaOps ops = ops();
    ScatterList list = new ScatterList(2);
    list.add(0x1000, 0, 16);
    list.add(HIGH & ~0xfffL, 0x780, 1144);
    for (int i = 0; i < 2; i++) {
      assertEquals(-1, ops.mapPage(device, HIGH, 16, TO, 0));
      assertEquals(-5, ops.mapSg(device, list, TO, 0));
    }
    String limit = " overflow (mask ffffffff, bus limit 0).";
    assertEquals(
        List.of(
            "pci 0000:00:05.0: DMA addr 0x0000000123456780+16" + limit,
            "pci 0000:00:05.0: DMA addr 0x0000000123456780+1144" + limit),
        lines);
  }

  @Test
  void aListThatFailsInTheMiddleGivesItsSlotsBackAndCopiesNothing() {
    DmaOps ops = ops();
    memory.fill(HIGH, 16, (byte) 5);
    ScatterList list = new ScatterList(3);
    list.add(HIGH & ~0xfffL, 0x780, 16);
    list.add(0x2000, 0, 16);
    list.add(HIGH & ~0xfffL, 0, 1 << 20);
    assertEquals(-5, ops.mapSg(device, list, DmaDirection.BIDIRECTIONAL, 0));
    assertEquals(0, pool.usedSlots());
    assertEquals(POOL, list.dmaAddr(0));
    assertEquals(5, memory.read8(HIGH));
  }

  @Test
  void aListKeepsItsPiecesAndSyncsThem() {
    DmaOps ops = ops();
    ScatterList list = new ScatterList(2);
    list.add(HIGH & ~0xfffL, 0, 4096);
    list.add(0x2000, 8, 16);
    assertEquals(2, ops.mapSg(device, list, DmaDirection.BIDIRECTIONAL, 0));
    assertEquals(POOL, list.dmaAddr(0));
    assertEquals(0x2008, list.dmaAddr(1));
    assertEquals(16, list.dmaLengthBytes(1));
    memory.write8(POOL, (byte) 9);
    ops.syncSgForCpu(device, list, DmaDirection.BIDIRECTIONAL);
    assertEquals(9, memory.read8(HIGH & ~0xfffL));
    ops.unmapSg(device, list, DmaDirection.BIDIRECTIONAL, 0);
    assertEquals(0, pool.usedSlots());
  }

  @Test
  void resourcesAreNeverBounced() {
    DmaOps ops = ops();
    assertEquals(0xfeb0_0000L, ops.mapResource(device, 0xfeb0_0000L, 4096, TO, 0));
    assertEquals(-1, ops.mapResource(device, 0x38_0000_0000L, 4096, TO, 0));
    assertEquals(-1, ops.mapResource(device, 0x38_0000_0000L, 4096, TO, 0));
    assertEquals(
        List.of(
            "pci 0000:00:05.0: DMA addr 0x0000003800000000+4096 overflow"
                + " (mask ffffffff, bus limit 0)."),
        lines);
  }

  @Test
  void coherentMemoryIsClearedEvenIfTheDriverDoesNotSeeIt() {
    DmaOps ops = ops();
    CoherentBuffer first =
        Objects.requireNonNull(ops.allocCoherent(device, 100, DmaAttributes.NO_KERNEL_MAPPING));
    memory.fill(first.phys(), 4096, (byte) 7);
    ops.freeCoherent(device, first, DmaAttributes.NO_KERNEL_MAPPING);
    assertEquals(first, ops.allocCoherent(device, 100, DmaAttributes.NO_KERNEL_MAPPING));
    assertEquals(0, memory.read64(first.phys()));
    assertEquals(0, memory.read64(first.phys() + 4088));
  }

  @Test
  void withoutAPoolNoSizeIsTooLarge() {
    pool = SwiotlbPool.absent(SLOTS, memory, 0, SwiotlbForce.NORMAL, log);
    assertEquals(DmaMapping.NO_LIMIT, ops().maxMappingSizeBytes(device));
  }

  @Test
  void resourcesAreReportedApartFromPages() {
    pool = pool(SwiotlbForce.NO_FORCE);
    DmaOps ops = ops();
    ops.mapPage(device, HIGH, 16, TO, 0);
    ops.mapResource(device, HIGH, 16, TO, 0);
    assertEquals(2, lines.size());
  }

  @Test
  void withoutAPoolLaterReleasesForceNothingAndTellOfWhatIsOutOfReach() {
    SwiotlbRules later = SLOTS.withAbsence(SwiotlbRules.Absence.KNOWN);
    pool = SwiotlbPool.absent(later, memory, 0, SwiotlbForce.FORCE, log);
    DmaOps ops = ops();
    assertEquals(LOW, ops.mapPage(device, LOW, 16, TO, 0));
    assertEquals(-1, ops.mapPage(device, HIGH, 16, TO, 0));
    assertEquals(
        List.of(
            "pci 0000:00:05.0: DMA addr 0x0000000123456780+16 overflow"
                + " (mask ffffffff, bus limit 0)."),
        lines);
    assertEquals(DmaMapping.NO_LIMIT, ops.maxMappingSizeBytes(device));
  }

  @Test
  void masksAndSizesAreWhatMemoryAndPoolAllow() {
    DmaOps ops = ops();
    assertEquals(0x1_ffff_ffffL, ops.requiredMask(device));
    assertEquals(0x40000, ops.maxMappingSizeBytes(device));
    assertTrue(ops.isSupported(device, 0xff_ffffL));
    assertFalse(ops.isSupported(device, 0x7f_ffffL));
    mapping(ops).setMask(device, 0x1_ffff_ffffL);
    assertEquals(DmaMapping.NO_LIMIT, ops.maxMappingSizeBytes(device));
  }

  @Property(tries = 500)
  void mappingDirectlyMovesNoByte(
      @ForAll @LongRange(min = 0, max = 0x7000_0000L) long phys,
      @ForAll @IntRange(min = 1, max = 9000) int bytes,
      @ForAll DmaDirection direction) {
    DmaOps ops = ops();
    if (direction != DmaDirection.NONE) {
      byte[] before = new byte[bytes];
      memory.write8(phys, (byte) 1);
      memory.read(phys, before, 0, bytes);
      assertEquals(phys, ops.mapPage(device, phys, bytes, direction, 0));
      ops.syncSingleForCpu(device, phys, bytes, direction);
      ops.syncSingleForDevice(device, phys, bytes, direction);
      ops.unmapPage(device, phys, bytes, direction, 0);
      byte[] after = new byte[bytes];
      memory.read(phys, after, 0, bytes);
      assertEquals(0, Arrays.compare(before, after));
      assertEquals(0, pool.usedSlots());
    }
  }
}
