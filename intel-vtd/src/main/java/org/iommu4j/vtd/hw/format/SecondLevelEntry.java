package org.iommu4j.vtd.hw.format;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

/**
 * An entry of a second-level page table, at any level: 64 bits, kept as a {@code long} because the
 * driver writes one on every mapping.
 *
 * <p>Level 1 maps 4 KiB pages; a leaf of level 2 maps 2 MiB, of level 3 1 GiB. Source: VT-d 3.3
 * section 9.8.
 */
public final class SecondLevelEntry {
  /** The size of an entry in bytes. */
  public static final int BYTES = 8;

  /** The number of entries in a table, and the number of address bits a level translates. */
  public static final int STRIDE_BITS = 9;

  /** Read. */
  public static final BitField R = BitField.bit("R", 0);

  /** Write. */
  public static final BitField W = BitField.bit("W", 1);

  /** Page size: a leaf above level 1. */
  public static final BitField PS = BitField.bit("PS", 7);

  /** Snoop behaviour, in a leaf. */
  public static final BitField SNP = BitField.bit("SNP", 11);

  /** The number of the frame of the next table, or of the first frame of the page. */
  public static final BitField ADDR = BitField.bits("ADDR", 51, 12);

  /** Transient mapping, in a leaf. */
  public static final BitField TM = BitField.bit("TM", 62);

  /** The bits of which a present entry has one. */
  public static final long PRESENT = R.mask() | W.mask();

  private SecondLevelEntry() {}

  /** Returns an entry that points to the table at {@code tablePhys}, with these rights. */
  public static long table(long tablePhys, boolean read, boolean write) {
    return ADDR.of(tablePhys >>> PAGE_SHIFT) | R.of(read ? 1 : 0) | W.of(write ? 1 : 0);
  }

  /** Returns a leaf of this level, 1 to 3, that maps the page at {@code phys} with these rights. */
  public static long leaf(long phys, int level, boolean read, boolean write) {
    return table(phys, read, write) | PS.of(level == 1 ? 0 : 1);
  }

  /** Returns whether the entry grants any right, without which its other bits mean nothing. */
  public static boolean isPresent(long entry) {
    return (entry & PRESENT) != 0;
  }

  /** Returns whether a present entry of this level maps a page and does not point to a table. */
  public static boolean isLeaf(long entry, int level) {
    return level == 1 || PS.isSet(entry);
  }

  /** Returns the physical address in the entry. */
  public static long phys(long entry) {
    return entry & ADDR.mask();
  }

  /** Returns the binary logarithm of the number of bytes that an entry of this level maps. */
  public static int shift(int level) {
    return PAGE_SHIFT + STRIDE_BITS * (level - 1);
  }

  /** Returns the number of bytes that an entry of this level maps. */
  public static long pageBytes(int level) {
    return 1L << shift(level);
  }

  /**
   * Returns the physical address of the entry that translates {@code iova} in this level's table.
   */
  public static long entryPhys(long tablePhys, long iova, int level) {
    return tablePhys + (((iova >>> shift(level)) & 0x1ff) << 3);
  }
}
