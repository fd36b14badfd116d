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

  private static final long[] NOT_KEPT = {};

  private final long[] origPhys;

  /** How many bytes there are of a copy from a slot on; unsigned, so more than any if negative. */
  private final long[] restBytes;

  /** How many slots of a copy lie before the one that it begins in. */
  private final byte[] padSlots;

  /**
   * Makes places for so many slots, none in use.
   *
   * @param keepsSizes whether sizes are noted as well
   */
  SlotOrigins(int slots, boolean keepsSizes) {
    int places = (slots + Long.SIZE - 1) & -Long.SIZE;
    origPhys = new long[places];
    Arrays.fill(origPhys, NONE);
    restBytes = keepsSizes ? new long[places] : NOT_KEPT;
    padSlots = new byte[restBytes.length];
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

  /**
   * Notes the size of a copy.
   *
   * @param sizeBytes how many bytes there are from the first slot on, less the copy's offset in it
   * @param pad how many slots lie before the one that the copy begins in
   */
  void setSize(int index, int slots, long sizeBytes, int pad) {
    for (int i = 0; i < slots; i++) {
      restBytes[place(index + i)] = sizeBytes - ((long) i << SlotTable.SLOT_SHIFT);
    }
    padSlots[place(index + pad)] = (byte) pad;
  }

  /** Returns what {@link #setSize} noted of a slot. */
  long restBytes(int index) {
    return restBytes[place(index)];
  }

  /** Returns how many slots of a copy lie before the one that it begins in. */
  int padSlots(int index) {
    return padSlots[place(index)];
  }

  /** Forgets all of a run of slots. */
  void clear(int index, int slots) {
    for (int i = index; i < index + slots; i++) {
      origPhys[place(i)] = NONE;
    }
    if (restBytes != NOT_KEPT) {
      for (int i = index; i < index + slots; i++) {
        restBytes[place(i)] = 0;
        padSlots[place(i)] = 0;
      }
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
