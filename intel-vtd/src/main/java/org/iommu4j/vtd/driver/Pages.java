package org.iommu4j.vtd.driver;

/** Arithmetic on 4 KiB pages and their numbers. */
public final class Pages {
  /** The binary logarithm of a page's size in bytes. */
  public static final int SHIFT = 12;

  /** A page's size. */
  public static final long BYTES = 1L << SHIFT;

  /** The bits of an address that lie within its page. */
  public static final long OFFSET_MASK = BYTES - 1;

  /** The number of address bits that a level of a page table translates. */
  static final int STRIDE = 9;

  private Pages() {}

  /**
   * Returns how many pages a range touches.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:aligned_nrpages}.
   */
  public static long touched(long address, long sizeBytes) {
    return ((address & OFFSET_MASK) + sizeBytes + OFFSET_MASK) >>> SHIFT;
  }

  /** Returns the smallest power of two that is not below {@code pages}, at least 1. */
  public static long roundUpToPowerOfTwo(long pages) {
    return pages <= 1 ? 1 : Long.highestOneBit(pages - 1) << 1;
  }

  /** Returns how many pages an entry of this level maps. */
  static long inEntry(int level) {
    return 1L << (STRIDE * (level - 1));
  }

  /** Returns the number of the entry that translates a page in a table of this level. */
  static int index(long pfn, int level) {
    return (int) (pfn >>> (STRIDE * (level - 1))) & ((1 << STRIDE) - 1);
  }

  /** Returns the physical address of the entry that translates a page in a table of this level. */
  static long entryPhys(long tablePhys, long pfn, int level) {
    return tablePhys + ((long) index(pfn, level) << 3);
  }
}
