package org.iommu4j.dma;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operations that map each buffer at its own address plus 2^40, and count what is allocated. */
final class PlainOps implements DmaOps {
  static final long SHIFT = 1L << 40;

  final PhysicalMemory memory = PhysicalMemory.everywhere();
  final FrameAllocator frames;
  final CommonPages pages;
  int mappings;
  int leftToMap = Integer.MAX_VALUE;

  PlainOps(PhysRange ram) {
    frames = new FrameAllocator(memory, List.of(ram));
    pages = new CommonPages(memory, frames);
  }

  @Override
  public String symbol() {
    return "plain";
  }

  @Override
  public long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    if (mappings == leftToMap) {
      return DmaMapping.MAPPING_ERROR;
    }
    mappings++;
    return phys + SHIFT;
  }

  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    mappings--;
  }

  @Override
  public int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    for (int i = 0; i < list.size(); i++) {
      long dmaAddr = mapPage(device, list.phys(i), list.lengthBytes(i), direction, attributes);
      if (dmaAddr == DmaMapping.MAPPING_ERROR) {
        mappings -= i;
        return 0;
      }
      list.setDma(i, dmaAddr, list.lengthBytes(i));
    }
    return list.size();
  }

  @Override
  public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    mappings -= list.size();
  }

  @Override
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    return mapPage(device, phys, sizeBytes, direction, attributes);
  }

  @Override
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    unmapPage(device, dmaAddr, sizeBytes, direction, attributes);
  }

  @Override
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    int order = PageAllocator.orderOf(sizeBytes);
    long phys =
        order > FrameAllocator.MAX_ORDER
            ? PageAllocator.NONE
            : frames.allocateZeroed(order, MemoryZone.NORMAL);
    return phys == PageAllocator.NONE ? null : new CoherentBuffer(phys, phys + SHIFT, sizeBytes);
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    frames.free(buffer.phys());
  }

  @Override
  public @Nullable DmaPages allocPages(Device device, long sizeBytes, DmaDirection direction) {
    return pages.allocPages(this, device, sizeBytes, direction);
  }

  @Override
  public void freePages(Device device, DmaPages freed) {
    pages.freePages(this, device, freed);
  }

  @Override
  public boolean isSupported(Device device, long mask) {
    return Long.compareUnsigned(mask, DmaMapping.bitMask(24)) >= 0;
  }
}
