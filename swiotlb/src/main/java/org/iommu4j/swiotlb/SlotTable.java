package org.iommu4j.swiotlb;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.atomic.LongAdder;
import org.iommu4j.base.lock.CacheLine;
import org.iommu4j.base.lock.SpinLock;

/**
 * The slots of an area of a pool: takes runs of free ones and gives them back. Slots are counted
 * from the area's first.
 *
 * <p>Thread-safe. Slots are taken under one lock, as the search goes on where the last one ended,
 * and given back without it. Where it looks is the release's {@link SlotSearch}.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c:find_slots}.
 */
final class SlotTable {
  /** The binary logarithm of {@link #SLOT_BYTES}. */
  static final int SLOT_SHIFT = 11;

  /** The size of a slot. */
  static final int SLOT_BYTES = 1 << SLOT_SHIFT;

  /** What {@link #allocate} returns if no run of slots fits. */
  static final int NONE = SlotFinder.NONE;

  private static final int SLOT_MASK = SLOT_BYTES - 1;

  // Where in "taking" things are: the slot to go on from, how many slots were ever taken, and how
  // many were known to be given back when somebody last had to know.
  private static final int NEXT_INDEX = CacheLine.LONGS;
  private static final int TAKEN_SLOTS = NEXT_INDEX + 1;
  private static final int KNOWN_RELEASED_SLOTS = NEXT_INDEX + 2;
  private static final int TAKING_WORDS = 3 * CacheLine.LONGS;

  private final long startPhys;
  private final int first;
  private final int totalSlots;
  private final long claimedSlots;
  private final FreeSlots free;
  private final SlotOrigins origins;
  private final SlotFinder finder;
  private final SlotSearch search;
  private final SpinLock lock = new SpinLock();

  /** What changes with each run that is taken, a line away from what does not. */
  @GuardedBy("lock") private final long[] taking = new long[TAKING_WORDS];

  private final LongAdder releasedSlots = new LongAdder();
  private volatile boolean strays;

  /**
   * Makes a table of slots that are all free.
   *
   * @param startPhys where the pool begins
   * @param first the number of the area's first slot in the pool
   * @param totalSlots how many slots the area has
   * @param claimedSlots how many the kernel says it has, unsigned
   * @param origins whose bytes the pool's slots hold
   */
  SlotTable(
      SwiotlbRules rules,
      long startPhys,
      int first,
      int totalSlots,
      long claimedSlots,
      SlotOrigins origins) {
    this.startPhys = startPhys;
    this.first = first;
    this.totalSlots = totalSlots;
    this.claimedSlots = claimedSlots;
    this.origins = origins;
    free = new FreeSlots(totalSlots, rules.segmentSlots());
    finder = new SlotFinder(startPhys, first, totalSlots, free);
    search = rules.slotSearch();
  }

  /**
   * Returns how many slots hold {@code bytes}.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:nr_slots}.
   */
  static int slotsOf(long bytes) {
    return (int) ((bytes + SLOT_MASK) >>> SLOT_SHIFT);
  }

  /** Returns the kernel's {@code io_tlb_used}. */
  int usedSlots() {
    lock.lock();
    try {
      return (int) (taking[TAKEN_SLOTS] - releasedSlots.sum());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a run of free slots.
   *
   * @param phys the original address; the slots' address agrees with it in {@code minAlignMask}
   * @param bytes what the run has to hold, unsigned; {@link IllegalArgumentException} for a number
   *     that the kernel stops at
   * @param allocAlignMask the low bits of the run's address that are to be 0
   * @param minAlignMask the low address bits that the device wants kept
   * @param boundaryMask the mask of the boundary that the run must not cross; {@link
   *     IllegalArgumentException} if that lies at no power of two of slots
   * @return the first slot's number, or {@link #NONE}
   */
  int allocate(long phys, long bytes, int allocAlignMask, int minAlignMask, long boundaryMask) {
    if (Long.compareUnsigned(bytes - 1, (long) totalSlots << SLOT_SHIFT) >= 0) {
      return refuse(bytes);
    }
    int slots = slotsOf(bytes);
    lock.lock();
    try {
      int index = NONE;
      if (slots <= totalSlots - (taking[TAKEN_SLOTS] - taking[KNOWN_RELEASED_SLOTS])
          || slots <= unusedNow()) {
        int next = (int) taking[NEXT_INDEX];
        index = search.find(finder, next, phys, bytes, allocAlignMask, minAlignMask, boundaryMask);
      }
      if (index != NONE) {
        takeLocked(index, slots);
      }
      return index;
    } finally {
      lock.unlock();
    }
  }

  // The kernel counts slots in 32 bits, stops at a count of 0 (BUG_ON), looks for the others in a
  // list that is not there if it made no pool, and copies more bytes than slots that it finds hold.
  private int refuse(long bytes) {
    int slots = slotsOf(bytes);
    long unused = claimedSlots - usedSlots();
    if (slots == 0 || Long.compareUnsigned(slots & 0xffff_ffffL, unused) <= 0) {
      throw new IllegalArgumentException(
          String.format(
              "%s bytes in %d of %s slots, of which %d are there",
              Long.toUnsignedString(bytes),
              slots,
              Long.toUnsignedString(claimedSlots),
              totalSlots));
    }
    return NONE;
  }

  @GuardedBy("lock") private long unusedNow() {
    taking[KNOWN_RELEASED_SLOTS] = releasedSlots.sum();
    return totalSlots - (taking[TAKEN_SLOTS] - taking[KNOWN_RELEASED_SLOTS]);
  }

  @GuardedBy("lock") private void takeLocked(int index, int slots) {
    free.take(index, slots);
    taking[NEXT_INDEX] = index + slots < totalSlots ? index + slots : 0;
    taking[TAKEN_SLOTS] += slots;
  }

  /** From here on slots may be given back that are not in use, or that somebody else uses. */
  void allowStrays() {
    if (!strays) {
      strays = true;
    }
  }

  /**
   * Gives a run of slots back.
   *
   * @param index the first one
   * @throws IllegalArgumentException if it leaves the pool or a segment, where the kernel spoils
   *     its list; or if one of them is free, unless {@link #allowStrays} was called
   */
  void release(int index, int slots) {
    boolean there = slots > 0 && free.isInSegment(index, slots) && index + slots <= totalSlots;
    if (!there || !(strays || free.areUsed(index, slots))) {
      throw new IllegalArgumentException(
          String.format(
              "%d slots from number %d on, at 0x%x, are no slots in use of one mapping",
              slots, first + index, startPhys + ((long) (first + index) << SLOT_SHIFT)));
    }
    origins.clear(first + index, slots);
    free.giveBack(index, slots);
    releasedSlots.add(slots);
  }

  /**
   * Checks that the original addresses agree with what is free, and the counter too; but that goes
   * wrong with strays, as the kernel's does.
   */
  void checkInvariants() {
    int used = 0;
    lock.lock();
    try {
      for (int i = 0; i < totalSlots; i++) {
        if (!free.isFree(i)) {
          used++;
        } else if (origins.get(first + i) != SlotOrigins.NONE) {
          throw new AssertionError("slot " + i + " is free and not forgotten");
        }
      }
    } finally {
      lock.unlock();
    }
    if (!strays && used != usedSlots()) {
      throw new AssertionError(used + " slots in use, " + usedSlots() + " counted");
    }
  }
}
