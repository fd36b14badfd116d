package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;

/**
 * Which bits the entries of a page table have besides their address, their rights and their size.
 *
 * @param table the bits of an entry that leads to a table
 * @param leaf the bits of every leaf
 * @param writable the bits of a leaf that lets writes through
 */
@Immutable
record EntryBits(long table, long leaf, long writable) {
  private static final BitField USER = BitField.bit("U/S", 2);
  private static final BitField ACCESSED = BitField.bit("A", 5);
  private static final BitField DIRTY = BitField.bit("D", 6);
  private static final BitField NO_EXECUTE = BitField.bit("XD", 63);

  /** A table in the unit's own form. */
  static final EntryBits SECOND_STAGE = new EntryBits(0, 0, 0);

  /**
   * A table in the processor's form, of which nothing can be executed.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:__domain_mapping}, {@code pfn_to_dma_pte}, of
   * 6.1.
   */
  static final EntryBits FIRST_STAGE_NOT_EXECUTABLE =
      new EntryBits(
          USER.mask() | ACCESSED.mask() | NO_EXECUTE.mask(),
          USER.mask() | ACCESSED.mask() | NO_EXECUTE.mask(),
          DIRTY.mask());

  /**
   * A table in the processor's form.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:__domain_mapping}, {@code pfn_to_dma_pte}.
   */
  static final EntryBits FIRST_STAGE =
      new EntryBits(USER.mask() | ACCESSED.mask(), USER.mask() | ACCESSED.mask(), DIRTY.mask());

  /** Returns a leaf's bits for these rights. */
  long ofLeaf(long rights) {
    return SecondLevelEntry.W.isSet(rights) ? leaf | writable : leaf;
  }
}
