package org.iommu4j.swiotlb;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;

/**
 * Which slots of a pool are free, and whose bytes those in use hold.
 *
 * <p>Each free slot knows how many free ones begin with it, up to the end of its segment, so that
 * looking for a run of slots is one compare a slot. The search goes on where the last one ended.
 *
 * <p>Thread-safe. One lock guards the free runs and the counters. The original addresses need none:
 * only the owner of a slot touches its own, and ownership changes hands under the lock.
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

  private final long startPhys;
  private final int totalSlots;
  private final long[] origPhys;
  private final Object lock = new Object();

  /** Per slot: how many free ones begin with it, to its segment's end; 0 if it is in use. */
  @GuardedBy("lock") private final int[] freeRun;

  @GuardedBy("lock") private int nextIndex;

  @GuardedBy("lock") private int usedSlots;

  SlotTable(long startPhys, int totalSlots) {
    this.startPhys = startPhys;
    this.totalSlots = totalSlots;
    freeRun = new int[(totalSlots + SEGMENT_MASK) & ~SEGMENT_MASK];
    for (int i = 0; i < totalSlots; i++) {
      freeRun[i] = SEGMENT_SLOTS - (i & SEGMENT_MASK);
    }
    origPhys = new long[totalSlots];
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
    synchronized (lock) {
      return usedSlots;
    }
  }

  /** Returns the original address of a slot's first byte, or {@link #NO_ORIGIN}. */
  long origPhys(int index) {
    return origPhys[index];
  }

  /** Notes the original addresses of a run of slots that the caller owns. */
  void setOrigin(int index, int slots, long phys) {
    for (int i = 0; i < slots; i++) {
      origPhys[index + i] = phys + ((long) i << SLOT_SHIFT);
    }
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
    synchronized (lock) {
      int index = NONE;
      if (slots <= totalSlots - usedSlots) {
        index = find(slots, stride, phys, alignMask, boundaryMask);
      }
      if (index != NONE) {
        takeLocked(index, slots);
      }
      return index;
    }
  }

  // The kernel's search goes round for ever if it left the grid of strides on its way and nothing
  // fits: it waits for a slot that it no longer looks at. A round of all slots ends it here.
  @GuardedBy("lock") private int find(int slots, int stride, long phys, long alignMask, long boundaryMask) {
    long base = startPhys & boundaryMask;
    long shift = (base + SLOT_MASK) >>> SLOT_SHIFT;
    int wrap = wrapped((nextIndex + stride - 1) & -stride);
    int index = wrap;
    for (int step = 0; step < totalSlots; step++) {
      if ((((base + ((long) index << SLOT_SHIFT)) ^ phys) & alignMask) != 0) {
        index = wrapped(index + 1);
      } else if (freeRun[index] >= slots && !crosses(shift + index, slots, boundaryMask)) {
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

  @GuardedBy("lock") private void takeLocked(int index, int slots) {
    Arrays.fill(freeRun, index, index + slots, 0);
    joinBefore(index, 0);
    nextIndex = index + slots < totalSlots ? index + slots : 0;
    usedSlots += slots;
  }

  /** Renumbers the free slots just before one from which {@code run} free ones begin. */
  @GuardedBy("lock") private void joinBefore(int index, int run) {
    int count = run;
    for (int i = index - 1; (i & SEGMENT_MASK) != SEGMENT_MASK && freeRun[i] != 0; i--) {
      freeRun[i] = ++count;
    }
  }

  /**
   * Gives a run of slots back; {@link IllegalArgumentException} unless all are in use.
   *
   * @param index the first one
   */
  void release(int index, int slots) {
    synchronized (lock) {
      checkUsed(index, slots);
      releaseUnchecked(index, slots);
    }
  }

  /**
   * Gives slots back, whether or not they are in use, and whosever they are.
   *
   * @param index the first one; all lie in its segment
   */
  void releaseUnchecked(int index, int slots) {
    synchronized (lock) {
      int behind = index + slots;
      int count = behind < (index | SEGMENT_MASK) + 1 ? freeRun[behind] : 0;
      for (int i = behind - 1; i >= index; i--) {
        freeRun[i] = ++count;
        origPhys[i] = NO_ORIGIN;
      }
      joinBefore(index, count);
      usedSlots -= slots;
    }
  }

  @GuardedBy("lock") private void checkUsed(int index, int slots) {
    boolean used = slots > 0 && index + slots <= ((index | SEGMENT_MASK) + 1);
    for (int i = index; used && i < index + slots; i++) {
      used = i < totalSlots && freeRun[i] == 0;
    }
    if (!used) {
      throw new IllegalArgumentException(
          String.format(
              "%d slots from number %d on, at 0x%x, are no slots in use of one mapping",
              slots, index, startPhys + ((long) index << SLOT_SHIFT)));
    }
  }

  /** Checks that counters, free runs and original addresses agree. */
  void checkInvariants() {
    synchronized (lock) {
      int used = 0;
      for (int i = 0; i < totalSlots; i++) {
        boolean last = (i & SEGMENT_MASK) == SEGMENT_MASK;
        int behind = last || i + 1 >= freeRun.length ? 0 : freeRun[i + 1];
        if (freeRun[i] == 0) {
          used++;
        } else if (i + 1 < totalSlots && freeRun[i] != behind + 1) {
          throw new AssertionError("slot " + i + " begins a run of " + freeRun[i]);
        } else if (origPhys[i] != NO_ORIGIN) {
          throw new AssertionError("slot " + i + " is free and has an original address");
        }
      }
      if (used != usedSlots) {
        throw new AssertionError(used + " slots in use, " + usedSlots + " counted");
      }
    }
  }
}
