package org.iommu4j.vfio.process;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.Map;
import java.util.TreeMap;

/**
 * A range of a process's virtual addresses with one backing and one set of rights. Not thread-safe.
 *
 * <p>Source: {@code include/linux/mm_types.h:struct vm_area_struct}.
 */
final class VirtualArea {
  private static final int HUGE_PAGES = 1 << Backing.HUGE_ORDER;
  private static final long HUGE_BYTES = (long) PAGE_BYTES * HUGE_PAGES;

  private final long startVaddr;
  private final long endVaddr;
  private final MemoryRights rights;
  private final Backing backing;

  /** The page of the backing that {@link #startVaddr} is. */
  private final long firstPage;

  /** The frames of blocks that were touched, by the page of the backing that they begin with. */
  private final Map<Long, Long> pfnByPage;

  VirtualArea(long startVaddr, long endVaddr, MemoryRights rights, Backing backing) {
    this(startVaddr, endVaddr, rights, backing, 0, new TreeMap<>());
  }

  private VirtualArea(
      long startVaddr,
      long endVaddr,
      MemoryRights rights,
      Backing backing,
      long firstPage,
      Map<Long, Long> pfnByPage) {
    this.startVaddr = startVaddr;
    this.endVaddr = endVaddr;
    this.rights = rights;
    this.backing = backing;
    this.firstPage = firstPage;
    this.pfnByPage = pfnByPage;
  }

  long startVaddr() {
    return startVaddr;
  }

  long endVaddr() {
    return endVaddr;
  }

  MemoryRights rights() {
    return rights;
  }

  Backing backing() {
    return backing;
  }

  /** Returns the part from one address to another, with the pages that lie there. */
  VirtualArea part(long start, long end) {
    long first = firstPage + ((start - startVaddr) >>> PAGE_SHIFT);
    long last = first + ((end - start) >>> PAGE_SHIFT) - 1;
    Map<Long, Long> pages = new TreeMap<>();
    pfnByPage.forEach(
        (page, pfn) -> {
          if (page >= first && page <= last) {
            pages.put(page, pfn);
          }
        });
    return new VirtualArea(start, end, rights, backing, first, pages);
  }

  /**
   * Returns the frame behind an address, or -1 if there is none yet.
   *
   * <p>Source: {@code mm/memory.c:follow_pte}.
   */
  long frame(long vaddr) {
    long page = page(vaddr);
    if (backing instanceof Backing.DeviceMemory device) {
      return (device.phys() >>> PAGE_SHIFT) + page;
    }
    long inBlock = page & (1L << backing.order()) - 1;
    Long pfn = pfnByPage.get(page - inBlock);
    return pfn == null ? -1 : pfn + inBlock;
  }

  /**
   * Brings a page in, as an access does.
   *
   * <p>Source: {@code mm/memory.c:handle_mm_fault}.
   *
   * @return the frame, or -1 if there is no memory
   */
  long fault(long vaddr, boolean write, PageFrames frames) {
    long frame = frame(vaddr);
    if (frame >= 0 && !(write && frames.isZero(frame))) {
      return frame;
    }
    if (backing instanceof Backing.Anonymous memory) {
      return memory.layout() == Backing.Layout.TRANSPARENT_HUGE && isWholeHugePage(vaddr, frames)
          ? faultHugePage(vaddr, write, frames)
          : faultAnonymous(vaddr, write, memory, frames);
    }
    long block = page(vaddr) & -(1L << backing.order());
    long pfn = backing instanceof Backing.MemoryFile file ? file.block(block) : -1;
    if (pfn < 0) {
      return -1;
    }
    frames.hold(pfn);
    pfnByPage.put(block, pfn);
    return pfn + page(vaddr) - block;
  }

  // Private memory that was never written is one page of zeros, but for pages that are huge anyway.
  private long faultAnonymous(
      long vaddr, boolean write, Backing.Anonymous memory, PageFrames frames) {
    long block = page(vaddr) & -(1L << memory.order());
    boolean apart = memory.layout() == Backing.Layout.SCATTERED;
    long pfn = write || memory.order() > 0 ? frames.take(memory.order(), apart) : frames.zeroPfn();
    if (pfn < 0) {
      return -1;
    }
    pfnByPage.put(block, pfn);
    return pfn + page(vaddr) - block;
  }

  /** Returns whether 2 MiB around an address are in the area, and nothing was written there. */
  private boolean isWholeHugePage(long vaddr, PageFrames frames) {
    long start = vaddr & -HUGE_BYTES;
    if (start < startVaddr || start + HUGE_BYTES > endVaddr) {
      return false;
    }
    long first = page(start);
    for (long page = first; page < first + HUGE_PAGES; page++) {
      Long pfn = pfnByPage.get(page);
      if (pfn != null && !frames.isHugeZero(pfn)) {
        return false;
      }
    }
    return true;
  }

  /** Source: {@code mm/huge_memory.c:do_huge_pmd_anonymous_page}. */
  private long faultHugePage(long vaddr, boolean write, PageFrames frames) {
    long first = page(vaddr & -HUGE_BYTES);
    long pfn = write ? frames.takeHuge() : frames.hugeZeroPfn();
    if (pfn < 0) {
      return -1;
    }
    // Each page holds the block, so that the area can be cut anywhere.
    for (int i = 0; i < HUGE_PAGES; i++) {
      pfnByPage.put(first + i, pfn + i);
    }
    return pfn + page(vaddr) - first;
  }

  void release(PageFrames frames) {
    pfnByPage.values().forEach(frames::release);
    pfnByPage.clear();
  }

  private long page(long vaddr) {
    return firstPage + ((vaddr - startVaddr) >>> PAGE_SHIFT);
  }
}
