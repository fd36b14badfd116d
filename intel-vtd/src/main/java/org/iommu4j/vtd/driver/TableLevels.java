package org.iommu4j.vtd.driver;

/** Where the entry that translates a page lies in each level of a page table. */
final class TableLevels {
  /** The number of address bits that a level of a page table translates. */
  static final int STRIDE = 9;

  private TableLevels() {}

  /** Returns how many pages an entry of this level maps. */
  static long pagesInEntry(int level) {
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
