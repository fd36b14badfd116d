package org.iommu4j.dma;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The allocator of page frames: what {@code alloc_pages} is for a kernel.
 *
 * <p>Deterministic: the same calls give the same addresses. A zone that is full is helped out by
 * the zones below it, as the kernel's zone lists do. Frame 0 is never given out, so that 0 can
 * stand for "none".
 *
 * <p>Thread-safe; one lock, for no caller allocates frames on its hot path.
 *
 * <p>Source: {@code mm/page_alloc.c:__alloc_pages_nodemask}.
 */
public final class FrameAllocator implements PageAllocator {
  /** The largest order of a block: 2^10 frames, 4 MiB, as the kernel's {@code MAX_ORDER - 1}. */
  public static final int MAX_ORDER = 10;

  private final PhysicalMemory memory;
  private final NavigableMap<MemoryZone, BuddyZone> zones = new TreeMap<>();
  private final Map<Long, Integer> orderByPfn = new HashMap<>();
  private long usedFrames;

  /** Makes an allocator of all of the memory's RAM except frame 0. */
  public FrameAllocator(PhysicalMemory memory) {
    this(memory, memory.ram());
  }

  /** Makes an allocator of these ranges of the memory, of which it skips parts of frames. */
  public FrameAllocator(PhysicalMemory memory, List<PhysRange> ranges) {
    this.memory = memory;
    for (MemoryZone zone : MemoryZone.values()) {
      BuddyZone buddies = new BuddyZone();
      for (PhysRange range : ranges) {
        addTo(buddies, range, zone.range());
      }
      zones.put(zone, buddies);
    }
  }

  private static void addTo(BuddyZone buddies, PhysRange range, PhysRange zone) {
    long startPhys = Math.max(Math.max(range.startPhys(), zone.startPhys()), 1);
    long endPhys = Math.min(range.endPhys(), zone.endPhys());
    long startPfn = (startPhys + PhysicalMemory.FRAME_BYTES - 1) >>> PhysicalMemory.FRAME_SHIFT;
    buddies.add(startPfn, endPhys >>> PhysicalMemory.FRAME_SHIFT);
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
    for (Map.Entry<MemoryZone, BuddyZone> entry :
        zones.headMap(highest, true).descendingMap().entrySet()) {
      long pfn = entry.getValue().allocate(order);
      if (pfn >= 0) {
        orderByPfn.put(pfn, order);
        usedFrames += 1L << order;
        return pfn << PhysicalMemory.FRAME_SHIFT;
      }
    }
    return NONE;
  }

  /** As {@link #allocate}, with the frames set to zeros. */
  public long allocateZeroed(int order, MemoryZone highest) {
    long phys = allocate(order, highest);
    if (phys != NONE) {
      memory.fill(phys, (long) PhysicalMemory.FRAME_BYTES << order, (byte) 0);
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
    long pfn = phys >>> PhysicalMemory.FRAME_SHIFT;
    Integer order = orderByPfn.remove(pfn);
    if (order == null || (phys & (PhysicalMemory.FRAME_BYTES - 1)) != 0) {
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

  private BuddyZone zoneOf(long phys) {
    for (Map.Entry<MemoryZone, BuddyZone> entry : zones.entrySet()) {
      if (entry.getKey().range().contains(phys)) {
        return entry.getValue();
      }
    }
    throw new AssertionError(String.format("no zone spans 0x%x", phys));
  }
}
