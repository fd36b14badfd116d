package org.iommu4j.bounce;

import java.util.HashMap;
import java.util.Map;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.iommu.spi.DmaRemapper;
import org.jspecify.annotations.Nullable;

/** A page table that is a map, and I/O pages from the top of 4 GiB down, never used twice. */
final class PlainRemapper implements DmaRemapper {
  final Map<Long, Long> pfnByIovaPfn = new HashMap<>();
  long allocatedPages;
  long nextPfn = 0x10_0000;
  boolean remapped = true;
  boolean full;
  boolean broken;
  Runnable onUnmap = () -> {};

  @Override
  public boolean hasDmaDomain(Device device) {
    return isRemapped(device);
  }

  @Override
  public boolean isRemapped(Device device) {
    return remapped;
  }

  @Override
  public long allocIova(Device device, long pages, long mask) {
    if (full) {
      return NO_IOVA_PFN;
    }
    allocatedPages += pages;
    nextPfn -= pages;
    return nextPfn;
  }

  @Override
  public void freeIova(Device device, long iovaPfn, long pages) {
    allocatedPages -= pages;
  }

  @Override
  public boolean map(
      Device device, long iovaPfn, long physPfn, long pages, DmaDirection direction) {
    for (long i = 0; i < pages && !broken; i++) {
      pfnByIovaPfn.put(iovaPfn + i, physPfn + i);
    }
    return !broken;
  }

  @Override
  public void unmap(Device device, long dmaAddr, long sizeBytes) {
    onUnmap.run();
    long last = (dmaAddr + sizeBytes - 1) >>> 12;
    for (long pfn = dmaAddr >>> 12; pfn <= last; pfn++) {
      pfnByIovaPfn.remove(pfn);
      allocatedPages--;
    }
  }

  @Override
  public long iovaToPhys(Device device, long iova) {
    Long pfn = pfnByIovaPfn.get(iova >>> 12);
    return pfn == null ? 0 : (pfn << 12) | (iova & 0xfff);
  }

  @Override
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    return new CoherentBuffer(0x5000, 0x6000, sizeBytes);
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {}
}
