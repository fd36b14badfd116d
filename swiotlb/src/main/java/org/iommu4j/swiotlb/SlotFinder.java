package org.iommu4j.swiotlb;

/**
 * The slots of a pool's area as a {@link SlotSearch} sees them. Not thread-safe: a search has the
 * lock.
 */
public final class SlotFinder {
  /** No slot. */
  public static final int NONE = -1;

  private static final int SLOT_MASK = SlotTable.SLOT_BYTES - 1;

  private final long startPhys;
  private final int first;
  private final int total;
  private final FreeSlots free;

  /**
   * Makes a finder.
   *
   * @param startPhys where the pool begins
   * @param first the number of the area's first slot in the pool
   * @param total how many slots the area has
   */
  SlotFinder(long startPhys, int first, int total, FreeSlots free) {
    this.startPhys = startPhys;
    this.first = first;
    this.total = total;
    this.free = free;
  }

  /** Returns how many slots there are. */
  public int total() {
    return total;
  }

  /**
   * Returns whether a slot's address has the same bits under the mask as another address.
   *
   * @param alignMask the bits, those within a slot left out
   * @param boundaryMask the device's boundary, within which the kernel counts addresses
   */
  public boolean agrees(int index, long phys, long alignMask, long boundaryMask) {
    long base = startPhys & boundaryMask;
    return (((base + ((long) (first + index) << SlotTable.SLOT_SHIFT)) ^ phys) & alignMask) == 0;
  }

  /**
   * Returns whether slots that follow each other are free, in one segment, and cross no boundary of
   * the device; {@link IllegalArgumentException} if the boundary lies at no power of two of slots.
   */
  public boolean fits(int index, int slots, long boundaryMask) {
    long shift = ((startPhys & boundaryMask) + SLOT_MASK) >>> SlotTable.SLOT_SHIFT;
    return !crosses(shift + first + index, slots, boundarySlots(boundaryMask))
        && free.areFree(index, slots);
  }

  // kernel/dma/swiotlb.c:get_max_slots
  private static long boundarySlots(long boundaryMask) {
    return boundaryMask == -1L
        ? 1L << (Long.SIZE - SlotTable.SLOT_SHIFT)
        : (boundaryMask + 1 + SLOT_MASK) >>> SlotTable.SLOT_SHIFT;
  }

  // include/linux/iommu-helper.h:iommu_is_span_boundary, which stops at such a number.
  private static boolean crosses(long slot, int slots, long boundarySlots) {
    if (Long.bitCount(boundarySlots) != 1) {
      throw new IllegalArgumentException(
          "a boundary each " + boundarySlots + " slots lies at no power of two");
    }
    return (slot & (boundarySlots - 1)) + slots > boundarySlots;
  }
}
