package org.iommu4j.base;

/**
 * Arithmetic on pages of 4 KiB, which are the processor's, memory's and every IOMMU's here.
 *
 * <p>Addresses are unsigned; a page's number ({@code pfn}) is its address shifted by {@link
 * #PAGE_SHIFT}. Nothing here checks for overflow: what wraps, wraps as in the kernel.
 *
 * <p>Source: {@code include/linux/pfn.h}, {@code mm.h}, {@code align.h}.
 */
public final class Pages {
  /** The binary logarithm of {@link #PAGE_BYTES}. */
  public static final int PAGE_SHIFT = 12;

  /** The size of a page. */
  public static final int PAGE_BYTES = 1 << PAGE_SHIFT;

  /** The bits of an address that say where in its page it lies. */
  public static final int OFFSET_MASK = PAGE_BYTES - 1;

  private Pages() {}

  /** Returns whether an address begins a page, or a size is one of whole pages. */
  public static boolean isAligned(long addressOrBytes) {
    return (addressOrBytes & OFFSET_MASK) == 0;
  }

  /** Returns the address at which the page of an address begins. */
  public static long alignDown(long address) {
    return address & ~OFFSET_MASK;
  }

  /**
   * Returns the first address, not below this one, that begins a page; or the bytes of the whole
   * pages that hold so many.
   *
   * <p>Source: {@code include/linux/mm.h:PAGE_ALIGN}.
   */
  public static long alignUp(long addressOrBytes) {
    return (addressOrBytes + OFFSET_MASK) & ~OFFSET_MASK;
  }

  /**
   * Returns how many pages a range touches.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:aligned_nrpages}.
   */
  public static long touched(long address, long sizeBytes) {
    return ((address & OFFSET_MASK) + sizeBytes + OFFSET_MASK) >>> PAGE_SHIFT;
  }

  /** Returns the smallest power of two that is not below {@code pages}, at least 1. */
  public static long roundUpToPowerOfTwo(long pages) {
    return pages <= 1 ? 1 : Long.highestOneBit(pages - 1) << 1;
  }
}
