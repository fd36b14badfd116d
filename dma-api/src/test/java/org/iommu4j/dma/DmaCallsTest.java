package org.iommu4j.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import org.iommu4j.base.Errno;
import org.junit.jupiter.api.Test;

/** The calls of the DMA API that need no machine: allocated pages, tables, masks and limits. */
final class DmaCallsTest {
  private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;

  private final PlainOps ops = new PlainOps(new PhysRange(1 << 24, (1 << 24) + 16 * 4096));
  private final DmaMapping dma = new DmaMapping(Dispatch.PLAIN, ops, pfn -> true, DmaObserver.NONE);
  private final NoncoherentMemory noncoherent = new NoncoherentMemory(dma);
  private final Device device = new Device("0000:00:05.0");

  @Test
  void pagesAreMappedClearedAndFreedInOneCallEach() {
    ops.memory.fill(1 << 24, 16 * 4096, (byte) 0x55);
    DmaPages pages = Objects.requireNonNull(noncoherent.allocPages(device, 4097, FROM));
    assertEquals(8192, pages.sizeBytes());
    assertEquals(pages.phys() + PlainOps.SHIFT, pages.dmaAddr());
    assertEquals(0, ops.memory.read64(pages.phys() + 8184));
    assertEquals(1, ops.mappings);
    noncoherent.freePages(device, pages);
    assertEquals(0, ops.mappings);
    assertEquals(0, ops.frames.usedFrames());
  }

  @Test
  void pagesThatCannotBeMappedAreGivenBack() {
    ops.leftToMap = 0;
    assertNull(noncoherent.allocNoncoherent(device, 4096, FROM));
    assertEquals(0, ops.frames.usedFrames());
  }

  @Test
  void pagesHaveASizeADirectionAndALimit() {
    assertNull(noncoherent.allocPages(device, 0, FROM), "of no bytes there is no block");
    assertNull(noncoherent.allocPages(device, -1, FROM), "which is what this is rounded up to");
    assertThrows(
        IllegalArgumentException.class,
        () -> noncoherent.allocPages(device, 4096, DmaDirection.NONE));
    assertNull(noncoherent.allocPages(device, (4 << 20) + 1, FROM), "4 MiB is the largest block");
    DmaPages pages = Objects.requireNonNull(noncoherent.allocNoncoherent(device, 1, FROM));
    noncoherent.freeNoncoherent(device, pages);
    assertEquals(0, ops.frames.usedFrames());
  }

  @Test
  void aTableAnswersWithAnErrorNumberWhereAListAnswersZero() {
    ScatterList list = new ScatterList(2);
    list.add(0x100_0000, 0, 4096);
    list.add(0x100_2000, 16, 100);
    SgTable table = new SgTable(list);
    ops.leftToMap = 1;
    assertEquals(Errno.EINVAL, table.mapSgtable(dma, device, FROM, 0));
    ops.leftToMap = 2;
    assertEquals(0, table.mapSgtable(dma, device, FROM, 0));
    assertEquals(2, table.mappedEntries());
    assertEquals(0x100_2010 + PlainOps.SHIFT, table.entries().dmaAddr(1));
    table.unmapSgtable(dma, device, FROM, 0);
    assertEquals(0, ops.mappings);
  }

  @Test
  void operationsThatDoNotTellMakeNoTableOfCoherentMemory() {
    SgTable table = new SgTable(new ScatterList(1));
    assertEquals(
        Errno.ENXIO, table.getSgtable(dma, device, new CoherentBuffer(0x100_0000, 0, 4096)));
    assertFalse(dma.canMmap(device));
  }

  @Test
  void limitsOfSegmentsAreSetAndDefaulted() {
    assertEquals(0, device.setMaxSegmentSizeBytes(1 << 20));
    assertEquals(1 << 20, device.maxSegmentSizeBytes());
    assertEquals(0, device.setMaxSegmentSizeBytes(0));
    assertEquals(64 << 10, device.maxSegmentSizeBytes());
    assertEquals(1 << 20, device.segmentBoundaryPages(12));
    assertEquals(0, device.setSegmentBoundaryMask(0));
    assertEquals(-1L, device.segmentBoundaryMask());
    assertEquals(1L << 52, device.segmentBoundaryPages(12));
    assertEquals(0, device.setMinAlignMask(0xfff));
    assertEquals(0xfff, device.minAlignMask());
  }

  @Test
  void aDeviceWhoseBusKeepsNoLimitsTakesNone() {
    Device bare = new Device("bare");
    assertEquals(0, bare.setMinAlignMask(15));
    bare.dropParameters();
    assertEquals(Errno.EIO, bare.setMaxSegmentSizeBytes(4096));
    assertEquals(Errno.EIO, bare.setSegmentBoundaryMask(4095));
    assertEquals(Errno.EIO, bare.setMinAlignMask(15));
    assertEquals(64 << 10, bare.maxSegmentSizeBytes());
    assertEquals(-1L, bare.segmentBoundaryMask());
    assertEquals(0, bare.minAlignMask());
  }

  @Test
  void coercedMasksAreOneMask() {
    assertEquals(0, dma.coerceMaskAndCoherent(device, DmaMapping.bitMask(40)));
    assertEquals(0, dma.setCoherentMask(device, DmaMapping.bitMask(36)));
    assertEquals(DmaMapping.bitMask(36), device.dmaMask());
    assertEquals(0, dma.setMask(device, DmaMapping.bitMask(34)));
    assertEquals(DmaMapping.bitMask(34), device.coherentDmaMask());
    assertEquals(Errno.EIO, dma.coerceMaskAndCoherent(device, DmaMapping.bitMask(20)));
    assertEquals(DmaMapping.bitMask(34), device.dmaMask());
  }

  @Test
  void reachIsTheLowerOfMaskAndBusAndZeroIsNone() {
    assertEquals(0, DmaReach.limit(device, 0));
    assertEquals(-1L, DmaReach.limit(device, -1L));
    device.setBusDmaLimit(0xffff_ffffL);
    assertEquals(0xffff_ffffL, DmaReach.limit(device, 0));
    assertEquals(0xffff_ffffL, DmaReach.limit(device, -1L));
    assertEquals(0xff_ffffL, DmaReach.limit(device, 0xff_ffffL));
  }

  @Test
  void theLastPageDecidesWhichMaskReachesAllMemory() {
    assertEquals(0xffff_ffffL, DmaReach.requiredMask(0x10_0000));
    assertEquals(0x1_ffff_ffffL, DmaReach.requiredMask(0x10_0001));
  }

  @Test
  void bothMasksAreSetOrNone() {
    assertEquals(0, dma.setMaskAndCoherent(device, DmaMapping.bitMask(40)));
    assertEquals(DmaMapping.bitMask(40), device.coherentDmaMask());
    assertEquals(Errno.EIO, dma.setMaskAndCoherent(device, DmaMapping.bitMask(20)));
    assertEquals(DmaMapping.bitMask(40), device.dmaMask());
    assertEquals(DmaMapping.bitMask(40), device.coherentDmaMask());
  }

  @Test
  void aMaskOfZeroCountsAsThirtyTwoBits() {
    device.setDmaMask(0);
    assertEquals(DmaMapping.bitMask(32), DmaMapping.getMask(device));
    assertFalse(dma.isAddressingLimited(device));
    device.setBusDmaLimit(DmaMapping.bitMask(30));
    assertTrue(dma.isAddressingLimited(device));
  }
}
