package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.base.Pages;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.spi.DmaRemapper;

/**
 * Maps and unmaps lists of buffers for devices that have a domain with a page table. Thread-safe.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_map_sg}, {@code intel_unmap_sg}.
 */
final class ListRemapper {
  private final VtdRemapper remapper;
  private final FreeAddresses freeAddresses;

  ListRemapper(VtdRemapper remapper) {
    this.remapper = remapper;
    this.freeAddresses = remapper.freeAddresses();
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
    AddressSpace space = attachment.space();
    long iovaPfn = freeAddresses.alloc(device, space, pages, device.dmaMask());
    if (iovaPfn == DmaRemapper.NO_IOVA_PFN) {
      list.setDma(0, list.dmaAddr(0), 0);
      return 0;
    }
    if (!mapPieces(space, list, entries, iovaPfn, VtdRemapper.rights(direction))) {
      PageTable table = space.table();
      space.trimmer().freeTables(iovaPfn, iovaPfn + pages - 1, table.levels() + 1);
      freeAddresses.free(space, iovaPfn, pages);
      return 0;
    }
    space.notifyMapped(iovaPfn, pages);
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
      AddressSpace space, ScatterList list, int entries, long firstIovaPfn, long rights) {
    long iovaPfn = firstIovaPfn;
    long nextPhys = PageMapper.NOWHERE;
    for (int i = 0; i < entries; i++) {
      long offset = list.offsetBytes(i);
      long pages = Pages.touched(offset, list.lengthBytes(i));
      long iova = (iovaPfn << PAGE_SHIFT) + (offset & OFFSET_MASK);
      list.setDma(i, iova, list.lengthBytes(i));
      nextPhys = space.mapPiece(nextPhys, iovaPfn, list.phys(i) >>> PAGE_SHIFT, pages, rights);
      if (nextPhys == PageTable.NO_ENTRY) {
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
