package org.iommu4j.vfio.process;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * The page frames that processes use, each with the number of those who hold it: mappings and pins.
 * A frame goes back to the kernel when nobody holds it.
 *
 * <p>Thread-safe; its lock is taken last.
 *
 * <p>Source: {@code include/linux/mm_types.h:struct page}.
 */
public final class PageFrames {
  private static final int SHIFT = PAGE_SHIFT;

  private final PhysicalMemory memory;
  private final FrameAllocator frames;

  @GuardedBy("this") private final Map<Long, Page> byPfn = new HashMap<>();

  @GuardedBy("this") private long pinnedPages;

  @GuardedBy("this") private long zeroPfn = -1;

  @GuardedBy("this") private long hugeZeroPfn = -1;

  /** Makes an empty set of frames that come from this allocator and lie in this memory. */
  public PageFrames(PhysicalMemory memory, FrameAllocator frames) {
    this.memory = memory;
    this.frames = frames;
  }

  /** Returns the memory that the frames lie in. */
  public PhysicalMemory memory() {
    return memory;
  }

  /** Returns how many pins there are, of all processes. */
  public synchronized long pinnedPages() {
    return pinnedPages;
  }

  /**
   * Takes a zeroed block that nobody else holds; the caller holds it.
   *
   * @param order its size, 2^order frames
   * @param apart whether the next frame is to stay empty, so that no two blocks lie side by side
   * @return the first frame's number, or -1 if there is no memory
   */
  synchronized long take(int order, boolean apart) {
    long phys = frames.allocateZeroed(apart ? order + 1 : order, MemoryZone.NORMAL);
    if (phys == PageAllocator.NONE) {
      return -1;
    }
    byPfn.put(phys >>> SHIFT, new Page(order));
    return phys >>> SHIFT;
  }

  /** Returns the frame that stands for all pages that were only ever read. */
  synchronized long zeroPfn() {
    if (zeroPfn < 0) {
      zeroPfn = frames.allocateZeroed(0, MemoryZone.NORMAL) >>> SHIFT;
    }
    return zeroPfn;
  }

  /** Takes a zeroed huge page that each of its small ones holds; -1 if there is no memory. */
  synchronized long takeHuge() {
    long pfn = take(Backing.HUGE_ORDER, false);
    Page page = byPfn.get(pfn);
    if (page != null) {
      page.holders = 1 << Backing.HUGE_ORDER;
    }
    return pfn;
  }

  /** Returns the huge page that stands for all that were only ever read; -1 if there is none. */
  synchronized long hugeZeroPfn() {
    if (hugeZeroPfn < 0) {
      hugeZeroPfn = take(Backing.HUGE_ORDER, false);
    }
    return hugeZeroPfn;
  }

  synchronized boolean isHugeZero(long pfn) {
    return hugeZeroPfn >= 0 && (pfn & -(1L << Backing.HUGE_ORDER)) == hugeZeroPfn;
  }

  /** Returns whether a frame is a page of zeros that is not to be written. */
  synchronized boolean isZero(long pfn) {
    return pfn == zeroPfn || isHugeZero(pfn);
  }

  /** Holds a block once more. */
  synchronized void hold(long pfn) {
    Page page = head(pfn);
    if (page != null) {
      page.holders++;
    }
  }

  /** Lets go of a block; the last one frees it. */
  synchronized void release(long pfn) {
    Page page = isHugeZero(pfn) ? null : head(pfn);
    if (page != null && --page.holders == 0) {
      long first = pfn & -(1L << page.order);
      byPfn.remove(first);
      frames.free(first << SHIFT);
    }
  }

  synchronized void pin(long pfn) {
    if (head(pfn) != null) {
      hold(pfn);
      pinnedPages++;
    }
  }

  /**
   * Lets go of a pinned frame.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:put_pfn}.
   *
   * @return whether it counts as a locked page
   */
  public synchronized boolean unpin(long pfn) {
    if (isReserved(pfn)) {
      return false;
    }
    pinnedPages--;
    release(pfn);
    return true;
  }

  /**
   * Returns whether a frame is none that can be pinned or accounted for: the zero page, or no RAM.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:is_invalid_reserved_pfn}.
   */
  public synchronized boolean isReserved(long pfn) {
    return head(pfn) == null;
  }

  @GuardedBy("this") private @Nullable Page head(long pfn) {
    Page page = byPfn.get(pfn);
    if (page != null) {
      return page;
    }
    Page huge = byPfn.get(pfn & -(1L << Backing.HUGE_ORDER));
    return huge == null || huge.order == 0 ? null : huge;
  }

  /** A block of frames in use. */
  private static final class Page {
    private final int order;
    private int holders = 1;

    Page(int order) {
      this.order = order;
    }
  }
}
