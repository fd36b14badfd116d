package org.iommu4j.dma;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.iommu4j.base.Pages;

/**
 * The allocator of page frames: what {@code alloc_pages} is for a kernel.
 *
 * <p>Deterministic: the same calls give the same addresses. A zone that is full is helped out by
 * the zones below it, as the kernel's zone lists do. Frame 0 is never given out, so that 0 can
 * stand for "none". A single frame that was freed is the first to be given out again, which
 * allocates no heap.
 *
 * <p>Thread-safe; one lock, for no caller allocates frames on its hot path.
 *
 * <p>Source: {@code mm/page_alloc.c:__alloc_pages_nodemask}.
 */
public final class FrameAllocator implements PageAllocator {
  /** The largest order of a block: 2^10 frames, 4 MiB, as the kernel's {@code MAX_ORDER - 1}. */
  public static final int MAX_ORDER = 10;

  private final PhysicalMemory memory;

  /** From the highest zone on. */
  private final List<ZoneFrames> zones;

  private final BlockOrders inUse = new BlockOrders();
  private long usedFrames;

  /** Makes an allocator of all of the memory's RAM except frame 0. */
  public FrameAllocator(PhysicalMemory memory) {
    this(memory, memory.ram());
  }

  /** Makes an allocator of these ranges of the memory, of which it skips parts of frames. */
  public FrameAllocator(PhysicalMemory memory, List<PhysRange> ranges) {
    this.memory = memory;
    this.zones =
        Arrays.stream(MemoryZone.values())
            .sorted(Comparator.reverseOrder())
            .map(zone -> new ZoneFrames(zone, ranges))
            .toList();
  }

  /**
   * Takes 2^order frames of the highest zone allowed that has them; their content is undefined.
   *
   * @param order 0 to {@link #MAX_ORDER}; else {@link IllegalArgumentException}
   * @param highest the highest zone that the frames may lie in
   * @return the physical address of the block, aligned to its size, or {@link #NONE}
   */
  @Override
  public synchronized long allocate(int order, MemoryZone highest) {
    if (order < 0 || order > MAX_ORDER) {
      throw new IllegalArgumentException("order " + order + " is not within 0 to " + MAX_ORDER);
    }
    for (int i = 0; i < zones.size(); i++) {
      ZoneFrames frames = zones.get(i);
      long pfn = frames.isWithin(highest) ? frames.allocate(order) : -1;
      if (pfn >= 0) {
        inUse.put(pfn, order);
        usedFrames += 1L << order;
        return pfn << PAGE_SHIFT;
      }
    }
    return NONE;
  }

  /** As {@link #allocate}, with the frames set to zeros. */
  public long allocateZeroed(int order, MemoryZone highest) {
    long phys = allocate(order, highest);
    if (phys != NONE) {
      memory.fill(phys, (long) PAGE_BYTES << order, (byte) 0);
    }
    return phys;
  }

  /**
   * Gives a block back.
   *
   * @param phys what {@link #allocate} returned; {@link IllegalArgumentException} if it is not in
   *     use, which a second free of it is
   */
  @Override
  public synchronized void free(long phys) {
    long pfn = phys >>> PAGE_SHIFT;
    boolean aligned = Pages.isAligned(phys);
    int order = aligned ? inUse.remove(pfn) : BlockOrders.NONE;
    if (order == BlockOrders.NONE) {
      throw new IllegalArgumentException(
          String.format("0x%x is not the start of a block in use", phys));
    }
    usedFrames -= 1L << order;
    zoneOf(phys).release(pfn, order);
  }

  /** Returns the number of frames in use. */
  public synchronized long usedFrames() {
    return usedFrames;
  }

  private ZoneFrames zoneOf(long phys) {
    for (int i = 0; i < zones.size(); i++) {
      if (zones.get(i).contains(phys)) {
        return zones.get(i);
      }
    }
    throw new AssertionError(String.format("no zone spans 0x%x", phys));
  }
}
