package org.iommu4j.vtd.dma;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.base.Pages;
import org.iommu4j.bounce.IovaMapper;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.vtd.driver.AddressSpace;
import org.iommu4j.vtd.driver.Attachment;

/**
 * Maps and unmaps lists of buffers for devices that have a domain with a page table. Thread-safe.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_map_sg}, {@code intel_unmap_sg}.
 */
final class ListRemapper {
  private final VtdRemapper remapper;

  ListRemapper(VtdRemapper remapper) {
    this.remapper = remapper;
  }

  /**
   * Maps a list to one run of I/O addresses; returns its size, or 0 on failure.
   *
   * <p>Entries at the end that are no page, having no bytes and beginning with one, keep whatever
   * address they had: the kernel is done when all pages are mapped. It does not survive such an
   * entry before others.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_map_sg}.
   */
  int map(Device device, ScatterList list, DmaDirection direction) {
    Attachment attachment = Attachment.of(device);
    if (attachment == null) {
      return 0;
    }
    int entries = entriesOfPages(list);
    long pages = 0;
    for (int i = 0; i < entries; i++) {
      pages += VtdRemapper.checkedPages(list.offsetBytes(i), list.lengthBytes(i));
    }
    DmaDomain domain = DmaDomain.of(attachment);
    long iovaPfn = domain.alloc(device, pages, device.dmaMask());
    if (iovaPfn == IovaMapper.NO_IOVA_PFN) {
      list.setDma(0, list.dmaAddr(0), 0);
      return 0;
    }
    if (!mapPieces(domain, list, entries, iovaPfn, VtdRemapper.rights(direction))) {
      domain.abandonPieces(iovaPfn, pages);
      return 0;
    }
    domain.announce(iovaPfn, pages);
    return list.size();
  }

  /** Returns how many entries there are up to the last that touches a page. */
  private static int entriesOfPages(ScatterList list) {
    int entries = list.size();
    while (entries > 0
        && Pages.touched(list.offsetBytes(entries - 1), list.lengthBytes(entries - 1)) == 0) {
      entries--;
    }
    return entries;
  }

  private static boolean mapPieces(
      DmaDomain domain, ScatterList list, int entries, long firstIovaPfn, long rights) {
    long iovaPfn = firstIovaPfn;
    long previous = AddressSpace.FIRST_PIECE;
    for (int i = 0; i < entries; i++) {
      long offset = list.offsetBytes(i);
      long pages = Pages.touched(offset, list.lengthBytes(i));
      long iova = (iovaPfn << PAGE_SHIFT) + (offset & OFFSET_MASK);
      list.setDma(i, iova, list.lengthBytes(i));
      previous = domain.mapPiece(previous, iovaPfn, list.phys(i) >>> PAGE_SHIFT, pages, rights);
      if (previous == AddressSpace.NOT_MAPPED) {
        return false;
      }
      iovaPfn += pages;
    }
    return true;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_unmap_sg}. */
  void unmap(Device device, ScatterList list) {
    long pages = 0;
    for (int i = 0; i < list.size(); i++) {
      pages += Pages.touched(list.dmaAddr(i), list.dmaLengthBytes(i));
    }
    remapper.unmap(device, Pages.alignDown(list.dmaAddr(0)), pages << PAGE_SHIFT);
  }
}
