package org.iommu4j.passthrough;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysicalMemory;
import org.junit.jupiter.api.Test;

final class CoherentPagesTest {
  /** Gives the top of a zone, wherever the device's limit is. */
  private static final class TopOfZone implements PageAllocator {
    final List<String> calls = new ArrayList<>();

    @Override
    public long allocate(int order, MemoryZone highest) {
      calls.add(highest + " " + order);
      return Math.min(highest.range().endPhys(), 1L << 40) - (4096L << order);
    }

    @Override
    public void free(long phys) {
      calls.add("free 0x" + Long.toHexString(phys));
    }
  }

  private final PhysicalMemory memory = PhysicalMemory.everywhere();
  private final TopOfZone pages = new TopOfZone();
  private final CoherentPages coherent = new CoherentPages(memory, pages);
  private final Device device = new Device("0000:00:05.0");

  @Test
  void aMaskOf32BitsAsksForItsZoneAndClearsWholePages() {
    memory.fill(0xffff_e000L, 8192, (byte) 7);
    assertEquals(
        new CoherentBuffer(0xffff_e000L, 0xffff_e000L, 4097), coherent.allocate(device, 4097));
    assertEquals(List.of("DMA32 1"), pages.calls);
    assertEquals(0, memory.read8(0xffff_ffffL));
  }

  @Test
  void whatIsOutOfReachIsTriedAgainOneZoneLower() {
    device.setBusDmaLimit(0x7fff_ffffL);
    assertEquals(new CoherentBuffer(0xff_f000, 0xff_f000, 1), coherent.allocate(device, 1));
    assertEquals(List.of("DMA32 0", "free 0xfffff000", "DMA 0"), pages.calls);
  }

  @Test
  void aLimitOf24BitsAsksForTheLowestZone() {
    device.setBusDmaLimit(0xff_ffffL);
    coherent.allocate(device, 1);
    device.setBusDmaLimit(0x1ff_ffffL);
    coherent.allocate(device, 1);
    assertEquals(List.of("DMA 0", "DMA32 0", "free 0xfffff000", "DMA 0"), pages.calls);
  }

  @Test
  void thereIsNothingBelowTheLowestZone() {
    device.setBusDmaLimit(0x7f_ffffL);
    assertNull(coherent.allocate(device, 1));
    assertEquals(List.of("DMA 0", "free 0xfff000"), pages.calls);
  }

  @Test
  void noBlockIsLargeEnoughForMoreThanFourMebibytesOrForNothing() {
    assertNull(coherent.allocate(device, (4L << 20) + 1));
    assertNull(coherent.allocate(device, 0));
    assertEquals(List.of(), pages.calls);
  }
}
