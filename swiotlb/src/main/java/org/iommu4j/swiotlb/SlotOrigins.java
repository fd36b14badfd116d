package org.iommu4j.swiotlb;

import java.util.Arrays;
import org.iommu4j.base.lock.CacheLine;

/**
 * Whose bytes the slots in use hold: the original address of each slot's first byte.
 *
 * <p>Needs no lock: only the owner of a slot touches its own, and ownership changes hands with the
 * bits of {@link FreeSlots}.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c:io_tlb_orig_addr}.
 */
final class SlotOrigins {
  /** What stands for a slot that is not in use. */
  static final long NONE = -1L;

  private final long[] origPhys;

  SlotOrigins(int slots) {
    origPhys = new long[(slots + Long.SIZE - 1) & -Long.SIZE];
    Arrays.fill(origPhys, NONE);
  }

  /** Returns the original address of a slot's first byte, or {@link #NONE}. */
  long get(int index) {
    return origPhys[place(index)];
  }

  /** Notes the original addresses of a run of slots. */
  void set(int index, int slots, long phys) {
    for (int i = 0; i < slots; i++) {
      origPhys[place(index + i)] = phys + ((long) i << SlotTable.SLOT_SHIFT);
    }
  }

  /** Forgets the original addresses of a run of slots. */
  void clear(int index, int slots) {
    for (int i = index; i < index + slots; i++) {
      origPhys[place(i)] = NONE;
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
}
