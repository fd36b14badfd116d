package org.iommu4j.swiotlb;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.iommu4j.dma.lock.CacheLine;
import org.iommu4j.dma.lock.SpinLock;

/**
 * Which slots of a pool are free, and whose bytes those in use hold.
 *
 * <p>A bit for each slot, where the kernel has the length of the free run that begins there: the
 * answers are the same, but taking and giving back slots renumbers nothing. The search goes on
 * where the last one ended.
 *
 * <p>Thread-safe. Slots are taken under one lock, as the search goes on where the last one ended,
 * and given back without it. The original addresses need none: only the owner of a slot touches its
 * own, and ownership changes hands with the bits.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c:find_slots}.
 */
final class SlotTable {
  /** The binary logarithm of {@link #SLOT_BYTES}. */
  static final int SLOT_SHIFT = 11;

  /** The size of a slot. */
  static final int SLOT_BYTES = 1 << SLOT_SHIFT;

  /** How many slots make a segment, which no run of slots leaves. */
  static final int SEGMENT_SLOTS = 128;

  /** What {@link #allocate} returns if no run of slots fits. */
  static final int NONE = -1;

  /** What {@link #origPhys} returns for a slot that is not in use. */
  static final long NO_ORIGIN = -1L;

  private static final int SLOT_MASK = SLOT_BYTES - 1;
  private static final int SEGMENT_MASK = SEGMENT_SLOTS - 1;
  private static final int PAGE_BYTES = 4096;
  private static final int PAGE_SLOTS_SHIFT = 1;
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  // Where in "taking" things are: the slot to go on from, how many slots were ever taken, and how
  // many were known to be given back when somebody last had to know.
  private static final int NEXT_INDEX = CacheLine.LONGS;
  private static final int TAKEN_SLOTS = NEXT_INDEX + 1;
  private static final int KNOWN_RELEASED_SLOTS = NEXT_INDEX + 2;
  private static final int TAKING_WORDS = 3 * CacheLine.LONGS;

  private final long startPhys;
  private final int totalSlots;
  private final long[] origPhys;
  private final SpinLock lock = new SpinLock();

  /** A bit for each slot, set if it is free; two words are a segment. Cleared under the lock. */
  private final long[] free;

  /** What changes with each run that is taken, a line away from what does not. */
  @GuardedBy("lock") private final long[] taking = new long[TAKING_WORDS];

  private final LongAdder releasedSlots = new LongAdder();

  SlotTable(long startPhys, int totalSlots) {
    this.startPhys = startPhys;
    this.totalSlots = totalSlots;
    free = new long[(totalSlots + Long.SIZE - 1) / Long.SIZE];
    for (int i = 0; i < totalSlots; i++) {
      free[i / Long.SIZE] |= 1L << i;
    }
    origPhys = new long[free.length * Long.SIZE];
    Arrays.fill(origPhys, NO_ORIGIN);
  }

  /** Returns how many slots hold {@code bytes}, which is not negative. */
  static int slotsOf(long bytes) {
    return (int) ((bytes + SLOT_MASK) >>> SLOT_SHIFT);
  }

  long startPhys() {
    return startPhys;
  }

  int totalSlots() {
    return totalSlots;
  }

  int usedSlots() {
    lock.lock();
    try {
      return (int) (taking[TAKEN_SLOTS] - releasedSlots.sum());
    } finally {
      lock.unlock();
    }
  }

  /** Returns the original address of a slot's first byte, or {@link #NO_ORIGIN}. */
  long origPhys(int index) {
    return origPhys[place(index)];
  }

  /** Notes the original addresses of a run of slots that the caller owns. */
  void setOrigin(int index, int slots, long phys) {
    for (int i = 0; i < slots; i++) {
      origPhys[place(index + i)] = phys + ((long) i << SLOT_SHIFT);
    }
  }

  /**
   * Returns where a slot's original address is: neighbours, whose owners differ, lie lines apart.
   */
  private static int place(int index) {
    int line = index & CacheLine.LONGS - 1;
    int inLine = index / CacheLine.LONGS & CacheLine.LONGS - 1;
    return (index & -Long.SIZE) | line * CacheLine.LONGS | inLine;
  }

  /**
   * Takes a run of free slots.
   *
   * @param phys the original address; the slots' address agrees with it in {@code minAlignMask}
   * @param bytes what the run has to hold, at least 1; from 4096 on it begins with a page
   * @param minAlignMask the low address bits that the device wants kept
   * @param boundaryMask the mask of the boundary that the run must not cross
   * @return the first slot's number, or {@link #NONE}
   */
  int allocate(long phys, long bytes, int minAlignMask, long boundaryMask) {
    if (bytes > (long) totalSlots << SLOT_SHIFT) {
      return NONE;
    }
    int slots = slotsOf(bytes);
    long alignMask = (minAlignMask & ~SLOT_MASK) & 0xffff_ffffL;
    int stride = (int) (alignMask >>> SLOT_SHIFT) + 1;
    if (bytes >= PAGE_BYTES) {
      stride <<= PAGE_SLOTS_SHIFT;
    }
    lock.lock();
    try {
      int index = NONE;
      if (slots <= totalSlots - (taking[TAKEN_SLOTS] - taking[KNOWN_RELEASED_SLOTS])
          || slots <= unusedNow()) {
        index = find(slots, stride, phys, alignMask, boundaryMask);
      }
      if (index != NONE) {
        takeLocked(index, slots);
      }
      return index;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock") private long unusedNow() {
    taking[KNOWN_RELEASED_SLOTS] = releasedSlots.sum();
    return totalSlots - (taking[TAKEN_SLOTS] - taking[KNOWN_RELEASED_SLOTS]);
  }

  // The kernel's search goes round for ever if it left the grid of strides on its way and nothing
  // fits: it waits for a slot that it no longer looks at. A round of all slots ends it here.
  @GuardedBy("lock") private int find(int slots, int stride, long phys, long alignMask, long boundaryMask) {
    long base = startPhys & boundaryMask;
    long shift = (base + SLOT_MASK) >>> SLOT_SHIFT;
    int wrap = wrapped(((int) taking[NEXT_INDEX] + stride - 1) & -stride);
    int index = wrap;
    for (int step = 0; step < totalSlots; step++) {
      if ((((base + ((long) index << SLOT_SHIFT)) ^ phys) & alignMask) != 0) {
        index = wrapped(index + 1);
      } else if (isFree(index, slots) && !crosses(shift + index, slots, boundaryMask)) {
        return index;
      } else {
        index = wrapped(index + stride);
      }
      if (index == wrap) {
        return NONE;
      }
    }
    return NONE;
  }

  private int wrapped(int index) {
    return Integer.compareUnsigned(index, totalSlots) >= 0 ? 0 : index;
  }

  // lib/iommu-helper.c:iommu_is_span_boundary
  private static boolean crosses(long slot, int slots, long boundaryMask) {
    long boundarySlots =
        boundaryMask == -1L
            ? 1L << (Long.SIZE - SLOT_SHIFT)
            : (boundaryMask + 1 + SLOT_MASK) >>> SLOT_SHIFT;
    return (slot & (boundarySlots - 1)) + slots > boundarySlots;
  }

  @GuardedBy("lock") private boolean isFree(int index, int slots) {
    if (!isInSegment(index, slots)) {
      return false;
    }
    long first = firstWordBits(index, slots);
    long second = secondWordBits(index, slots);
    int word = index / Long.SIZE;
    return (word(word) & first) == first && (second == 0 || (word(word + 1) & second) == second);
  }

  private long word(int word) {
    return (long) WORDS.getAcquire(free, word);
  }

  private static boolean isInSegment(int index, int slots) {
    return (index & SEGMENT_MASK) + slots <= SEGMENT_SLOTS;
  }

  /** Returns the bits of a run of slots in the word of the first of them. */
  private static long firstWordBits(int index, int slots) {
    int bits = Math.min(slots, Long.SIZE - (index & Long.SIZE - 1));
    return (-1L >>> (Long.SIZE - bits)) << index;
  }

  /** Returns the bits of a run of slots, within a segment, in the word behind that. */
  private static long secondWordBits(int index, int slots) {
    int bits = slots - (Long.SIZE - (index & Long.SIZE - 1));
    return bits <= 0 ? 0 : -1L >>> (Long.SIZE - bits);
  }

  @GuardedBy("lock") private void takeLocked(int index, int slots) {
    int word = index / Long.SIZE;
    WORDS.getAndBitwiseAnd(free, word, ~firstWordBits(index, slots));
    long second = secondWordBits(index, slots);
    if (second != 0) {
      WORDS.getAndBitwiseAnd(free, word + 1, ~second);
    }
    taking[NEXT_INDEX] = index + slots < totalSlots ? index + slots : 0;
    taking[TAKEN_SLOTS] += slots;
  }

  /**
   * Gives a run of slots back; {@link IllegalArgumentException} unless all are in use.
   *
   * @param index the first one
   */
  void release(int index, int slots) {
    checkUsed(index, slots);
    releaseUnchecked(index, slots);
  }

  /**
   * Gives slots back, whether or not they are in use, and whosever they are.
   *
   * @param index the first one; all lie in its segment
   * @param slots how many, at least 1
   */
  void releaseUnchecked(int index, int slots) {
    for (int i = index; i < index + slots; i++) {
      origPhys[place(i)] = NO_ORIGIN;
    }
    int word = index / Long.SIZE;
    WORDS.getAndBitwiseOr(free, word, firstWordBits(index, slots));
    long second = secondWordBits(index, slots);
    if (second != 0) {
      WORDS.getAndBitwiseOr(free, word + 1, second);
    }
    releasedSlots.add(slots);
  }

  private void checkUsed(int index, int slots) {
    boolean used = slots > 0 && isInSegment(index, slots) && index + slots <= totalSlots;
    if (used) {
      long second = secondWordBits(index, slots);
      int word = index / Long.SIZE;
      used =
          (word(word) & firstWordBits(index, slots)) == 0
              && (second == 0 || (word(word + 1) & second) == 0);
    }
    if (!used) {
      throw new IllegalArgumentException(
          String.format(
              "%d slots from number %d on, at 0x%x, are no slots in use of one mapping",
              slots, index, startPhys + ((long) index << SLOT_SHIFT)));
    }
  }

  /** Checks that the counter, the bits and the original addresses agree. */
  void checkInvariants() {
    int used = totalSlots;
    lock.lock();
    try {
      for (int i = 0; i < free.length * Long.SIZE; i++) {
        if ((word(i / Long.SIZE) & 1L << i) != 0) {
          used--;
          if (i >= totalSlots || origPhys(i) != NO_ORIGIN) {
            throw new AssertionError("slot " + i + " is free and not there, or not forgotten");
          }
        }
      }
    } finally {
      lock.unlock();
    }
    if (used != usedSlots()) {
      throw new AssertionError(used + " slots in use, " + usedSlots() + " counted");
    }
  }
}
