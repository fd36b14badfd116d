package org.iommu4j.evidence.trace;

import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;

/** Puts coherent memory where the kernel had it. Not thread-safe. */
final class PlacedBuffers implements PageAllocator {
  private long nextPhys = NONE;

  void placeAt(long phys) {
    nextPhys = phys;
  }

  @Override
  public long allocate(int order, MemoryZone highest) {
    return nextPhys;
  }

  @Override
  public void free(long phys) {}
}
