package org.iommu4j.bounce;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.HashMap;
import java.util.Map;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;

/**
 * A page table that is a map, for one device, and I/O pages from the top of 4 GiB down, never used
 * twice.
 */
final class PlainMapper implements IovaMapper {
  private final Device owner;
  final Map<Long, Long> pfnByIovaPfn = new HashMap<>();
  long allocatedPages;
  long nextPfn = 0x10_0000;
  boolean remapped = true;
  boolean full;
  boolean broken;
  Runnable onUnmap = () -> {};

  PlainMapper(Device owner) {
    this.owner = owner;
  }

  @Override
  public String logPrefix() {
    return "PLAIN: ";
  }

  @Override
  public long allocIova(Device device, long pages, long mask) {
    long aligned = Pages.roundUpToPowerOfTwo(pages);
    long end = Math.min(nextPfn, (mask >>> PAGE_SHIFT) + 1);
    long pfn = (end - aligned) & -aligned;
    if (full || !remapped || device != owner || pfn <= 0) {
      return NO_IOVA_PFN;
    }
    allocatedPages += pages;
    nextPfn = pfn;
    return pfn;
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
    return pfn == null || !remapped || device != owner ? 0 : (pfn << 12) | (iova & 0xfff);
  }
}
