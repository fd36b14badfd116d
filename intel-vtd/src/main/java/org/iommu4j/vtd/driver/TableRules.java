package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.Immutable;

/**
 * How a page table is filled and cleared.
 *
 * @param stepsByEntries whether clearing goes from the start of an entry to that of the next; else
 *     it goes on by an entry's size, so that of a range which begins within an entry's pages the
 *     last ones may be passed over
 * @param flushesReplaced whether the units forget smaller pages that a large one replaces
 * @param form which bits entries have besides rights
 */
@Immutable
record TableRules(boolean stepsByEntries, boolean flushesReplaced, EntryBits form) {
  /**
   * The rules of 5.10.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:dma_pte_clear_level}.
   */
  static final TableRules EAGER = new TableRules(false, false, EntryBits.SECOND_STAGE);

  /**
   * The rules of drivers that unmap runs of pages.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:dma_pte_clear_level}, {@code
   * switch_to_super_page}.
   */
  static final TableRules GATHERING = new TableRules(true, true, EntryBits.SECOND_STAGE);

  /** Returns these rules for tables whose entries have other bits. */
  TableRules withForm(EntryBits other) {
    return new TableRules(stepsByEntries, flushesReplaced, other);
  }
}
