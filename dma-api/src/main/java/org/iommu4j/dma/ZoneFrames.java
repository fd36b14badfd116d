package org.iommu4j.dma;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.List;
import org.iommu4j.base.Pages;

/**
 * The free frames of one zone: blocks, and in front of them a stack of single frames that were
 * freed last and are the first to be taken again.
 *
 * <p>Page tables come and go one frame at a time; the stack spares them the search for a block, and
 * its frames are still in the CPU's caches. Not thread-safe; {@link FrameAllocator} guards it.
 *
 * <p>Source: {@code include/linux/mmzone.h:struct per_cpu_pages}.
 */
final class ZoneFrames {
  /** As many tables as a CPU's flush queue may give back at once, and more. */
  private static final int STACKED = 512;

  private final MemoryZone zone;
  private final BuddyZone blocks = new BuddyZone();
  private final long[] stack = new long[STACKED];
  private int stacked;

  /** Makes a zone of the frames that lie wholly within these ranges and the zone. */
  ZoneFrames(MemoryZone zone, List<PhysRange> ram) {
    this.zone = zone;
    for (PhysRange range : ram) {
      long startPhys = Math.max(Math.max(range.startPhys(), zone.range().startPhys()), 1);
      long endPhys = Math.min(range.endPhys(), zone.range().endPhys());
      long startPfn = Pages.alignUp(startPhys) >>> PAGE_SHIFT;
      blocks.add(startPfn, endPhys >>> PAGE_SHIFT);
    }
  }

  /** Returns whether the zone is this one or a lower one. */
  boolean isWithin(MemoryZone highest) {
    return zone.compareTo(highest) <= 0;
  }

  boolean contains(long phys) {
    return zone.range().contains(phys);
  }

  /** Takes 2^order frames; returns the first one's number or -1 if there is no such block. */
  long allocate(int order) {
    if (order == 0 && stacked > 0) {
      return stack[--stacked];
    }
    // Single frames may be what a larger block lacks.
    drain();
    return blocks.allocate(order);
  }

  /** Gives 2^order frames back. */
  void release(long pfn, int order) {
    if (order == 0 && stacked < STACKED) {
      stack[stacked++] = pfn;
    } else {
      blocks.release(pfn, order);
    }
  }

  private void drain() {
    while (stacked > 0) {
      blocks.release(stack[--stacked], 0);
    }
  }
}
