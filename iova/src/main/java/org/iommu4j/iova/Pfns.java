package org.iommu4j.iova;

/** Arithmetic on page frame numbers and counts of pages: 64 bits, unsigned, wrapping. */
final class Pfns {
  private Pfns() {}

  /** Returns whether {@code a < b}. */
  static boolean below(long a, long b) {
    return Long.compareUnsigned(a, b) < 0;
  }

  /** Returns the smaller of the two. */
  static long min(long a, long b) {
    return below(a, b) ? a : b;
  }

  /**
   * Returns the smallest {@code n} with {@code 2^n >= pages}: 0 to 64, and 0 for no pages.
   *
   * <p>Source: {@code include/linux/log2.h:order_base_2}.
   */
  static int orderOf(long pages) {
    return pages == 0 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(pages - 1);
  }

  /**
   * Returns the mask that rounds a pfn down to the alignment of a range of this many pages, which
   * is the power of two that the range fits in.
   *
   * @param pages 1 to 2^63 - 1
   */
  static long alignMask(long pages) {
    return -1L << orderOf(pages);
  }

  /** Returns the number as messages show it. */
  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }
}
