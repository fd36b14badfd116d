package org.iommu4j.vtd.hw;

import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;

/**
 * What a unit takes for reserved in an entry of a page table, which depends on its capabilities and
 * on the platform's address width.
 *
 * <p>Immutable. Source: VT-d 3.3 section 9.8.
 */
public final class PagingRules {
  private static final int MAX_LEVELS = 5;

  private final PagingRules firstStage;
  private final long[] tableReserved = new long[MAX_LEVELS + 1];
  private final long[] leafReserved = new long[MAX_LEVELS + 1];

  /**
   * Derives the rules.
   *
   * @param capabilities the unit's capabilities
   * @param hostAddressBits the number of the platform's physical address bits, at most 52
   */
  public PagingRules(Capabilities capabilities, int hostAddressBits) {
    this(capabilities, hostAddressBits, false);
  }

  private PagingRules(Capabilities capabilities, int hostAddressBits, boolean firstStage) {
    this.firstStage = firstStage ? this : new PagingRules(capabilities, hostAddressBits, true);
    if (firstStage) {
      reserveFirstStage(capabilities, hostAddressBits);
    } else {
      reserve(capabilities, hostAddressBits);
    }
  }

  /** Returns the rules of tables in the processor's form. */
  PagingRules firstStage() {
    return firstStage;
  }

  private void reserveFirstStage(Capabilities capabilities, int hostAddressBits) {
    long beyondHost = SecondLevelEntry.ADDR.mask() & (-1L << hostAddressBits);
    for (int level = 1; level <= MAX_LEVELS; level++) {
      boolean leaves = level < 3 || (level == 3 && Cap.FL1GP.isSet(capabilities.cap()));
      long belowPage = SecondLevelEntry.ADDR.mask() & (SecondLevelEntry.pageBytes(level) - 1);
      // The lowest of these bits is the page attribute's in a large leaf.
      long attribute = level == 1 ? 0 : 1L << 12;
      tableReserved[level] = beyondHost | (level > 3 ? SecondLevelEntry.PS.mask() : 0);
      leafReserved[level] =
          beyondHost | (belowPage & ~attribute) | (leaves ? 0 : SecondLevelEntry.PS.mask());
    }
  }

  private void reserve(Capabilities capabilities, int hostAddressBits) {
    long beyondHost = SecondLevelEntry.ADDR.mask() & (-1L << hostAddressBits);
    long snoop = capabilities.snoopControl() ? 0 : SecondLevelEntry.SNP.mask();
    long transientMapping = capabilities.deviceTlb() ? 0 : SecondLevelEntry.TM.mask();
    for (int level = 1; level <= MAX_LEVELS; level++) {
      tableReserved[level] =
          beyondHost
              | SecondLevelEntry.SNP.mask()
              | SecondLevelEntry.TM.mask()
              | (level > 3 ? SecondLevelEntry.PS.mask() : 0);
      long belowPage = SecondLevelEntry.ADDR.mask() & (SecondLevelEntry.pageBytes(level) - 1);
      leafReserved[level] =
          beyondHost
              | belowPage
              | snoop
              | transientMapping
              | (capabilities.supportsLeaf(level) ? 0 : SecondLevelEntry.PS.mask());
    }
  }

  /** Returns the reserved bits that are set in a present entry of this level, 1 to 5. */
  public long reservedBits(long entry, int level) {
    boolean leaf = SecondLevelEntry.isLeaf(entry, level);
    return entry & (leaf ? leafReserved[level] : tableReserved[level]);
  }
}
