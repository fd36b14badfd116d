package org.iommu4j.swiotlb;

import com.google.errorprone.annotations.Immutable;

/**
 * What releases do differently with bounce slots.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c}, {@code include/linux/swiotlb.h}.
 *
 * @param defaultBytes the pool's size if the command line does not say one: {@code
 *     IO_TLB_DEFAULT_SIZE}
 * @param areas how many parts with a lock of their own a pool has; one is modelled
 * @param segmentSlots how many slots make a segment, which no run of slots leaves, a power of two
 *     of at most 128: {@code IO_TLB_SEGSIZE}
 * @param slotSearch where free slots are looked for
 */
@Immutable
public record SwiotlbRules(long defaultBytes, int areas, int segmentSlots, SlotSearch slotSearch) {
  private static final int MOST_SLOTS = 128;

  /** Checks the numbers. */
  public SwiotlbRules {
    if (areas != 1) {
      throw new IllegalArgumentException("a pool of " + areas + " areas; one is modelled");
    }
    if (Integer.bitCount(segmentSlots) != 1 || segmentSlots < 0 || segmentSlots > MOST_SLOTS) {
      throw new IllegalArgumentException("segments of " + segmentSlots + " slots");
    }
    long segmentBytes = (long) segmentSlots << SlotTable.SLOT_SHIFT;
    if (defaultBytes <= 0 || defaultBytes % segmentBytes != 0) {
      throw new IllegalArgumentException("a pool of " + defaultBytes + " bytes");
    }
  }

  /** Returns how many slots the pool has if the command line does not say. */
  public long defaultSlots() {
    return defaultBytes >>> SlotTable.SLOT_SHIFT;
  }
}
