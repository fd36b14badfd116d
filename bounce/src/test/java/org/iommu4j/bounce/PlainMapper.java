package org.iommu4j.bounce;

import java.util.HashMap;
import java.util.Map;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;

/** A page table that is a map, and I/O pages from the top of 4 GiB down, never used twice. */
final class PlainMapper implements IovaMapper {
  final Map<Long, Long> pfnByIovaPfn = new HashMap<>();
  long allocatedPages;
  long nextPfn = 0x10_0000;
  boolean remapped = true;
  boolean full;
  boolean broken;
  Runnable onUnmap = () -> {};

  @Override
  public long allocIova(Device device, long pages, long mask) {
    if (full || !remapped) {
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
    return pfn == null || !remapped ? 0 : (pfn << 12) | (iova & 0xfff);
  }
}
