package org.iommu4j.swiotlb;

import com.google.errorprone.annotations.Immutable;

/**
 * What releases do differently with bounce slots.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c}, {@code include/linux/swiotlb.h}.
 *
 * @param defaultBytes the pool's size if the command line does not say one: {@code
 *     IO_TLB_DEFAULT_SIZE}
 * @param areas how many parts with a lock of their own a pool has
 * @param segmentSlots how many slots make a segment, which no run of slots leaves, a power of two
 *     of at most 128: {@code IO_TLB_SEGSIZE}
 * @param slotSearch where free slots are looked for
 * @param placement where in its slots a copy begins
 * @param bounds which bytes of a copy are moved
 * @param absence what becomes of a buffer that has to bounce if there is no pool
 */
@Immutable
public record SwiotlbRules(
    long defaultBytes,
    Areas areas,
    int segmentSlots,
    SlotSearch slotSearch,
    Placement placement,
    Bounds bounds,
    Absence absence) {
  private static final int MOST_SLOTS = 128;

  /** How many parts a pool has, each with a lock of its own. */
  public enum Areas {
    /** One. */
    ONE,
    /** One a CPU, unless the command line says otherwise. */
    ONE_A_CPU
  }

  /** Where in its slots a copy begins, where the device wants low address bits kept. */
  public enum Placement {
    /** In the first slot. */
    IN_FIRST_SLOT,
    /** As far behind an aligned slot as the buffer is, which may be slots further on. */
    FROM_ALIGNED_SLOT
  }

  /**
   * Which bytes are moved between a buffer and its copy.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_bounce}.
   */
  public enum Bounds {
    /** Those that the caller says; it has to know how many slots it has, too. */
    UNCHECKED,
    /** None before the copy's offset in any slot, and none past its end. */
    FROM_OFFSET,
    /** None past its end. */
    TO_END
  }

  /**
   * What becomes of a buffer that has to bounce if there is no pool.
   *
   * <p>Source: {@code kernel/dma/direct.h:dma_direct_map_page}.
   */
  public enum Absence {
    /** Slots are looked for all the same, unless the command line says that nothing bounces. */
    LOOKED_FOR,
    /** It is known that there are none. */
    KNOWN
  }

  /** Checks the numbers. */
  public SwiotlbRules {
    if (Integer.bitCount(segmentSlots) != 1 || segmentSlots < 0 || segmentSlots > MOST_SLOTS) {
      throw new IllegalArgumentException("segments of " + segmentSlots + " slots");
    }
    long segmentBytes = (long) segmentSlots << SlotTable.SLOT_SHIFT;
    if (defaultBytes <= 0 || defaultBytes % segmentBytes != 0) {
      throw new IllegalArgumentException("a pool of " + defaultBytes + " bytes");
    }
    if (bounds == Bounds.UNCHECKED && placement != Placement.IN_FIRST_SLOT) {
      throw new IllegalArgumentException("whoever gives slots back cannot know where they begin");
    }
  }

  /** Returns these rules with another number of parts. */
  public SwiotlbRules withAreas(Areas other) {
    return new SwiotlbRules(
        defaultBytes, other, segmentSlots, slotSearch, placement, bounds, absence);
  }

  /** Returns these rules with another search. */
  public SwiotlbRules withSlotSearch(SlotSearch other) {
    return new SwiotlbRules(defaultBytes, areas, segmentSlots, other, placement, bounds, absence);
  }

  /** Returns these rules with another place for copies. */
  public SwiotlbRules withPlacement(Placement other) {
    return new SwiotlbRules(defaultBytes, areas, segmentSlots, slotSearch, other, bounds, absence);
  }

  /** Returns these rules with other bounds for moves. */
  public SwiotlbRules withBounds(Bounds other) {
    return new SwiotlbRules(
        defaultBytes, areas, segmentSlots, slotSearch, placement, other, absence);
  }

  /** Returns these rules with another care for the lack of a pool. */
  public SwiotlbRules withAbsence(Absence other) {
    return new SwiotlbRules(
        defaultBytes, areas, segmentSlots, slotSearch, placement, bounds, other);
  }

  /** Returns how many slots the pool has if the command line does not say. */
  public long defaultSlots() {
    return defaultBytes >>> SlotTable.SLOT_SHIFT;
  }
}
