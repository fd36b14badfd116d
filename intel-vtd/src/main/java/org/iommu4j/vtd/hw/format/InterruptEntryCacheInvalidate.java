package org.iommu4j.vtd.hw.format;

/** The interrupt-entry-cache invalidate descriptor. Source: VT-d 3.3 section 6.5.2.7. */
public final class InterruptEntryCacheInvalidate {
  /** Granularity: clear for all entries, set for some. */
  public static final BitField G = BitField.bit("G", 4);

  /** Index mask: the binary logarithm of the number of entries. */
  public static final BitField IM = BitField.bits("IM", 31, 27);

  /** Interrupt index. */
  public static final BitField IIDX = BitField.bits("IIDX", 47, 32);

  /** The bits of word 0 that must be zero; all of word 1 must. */
  public static final long RESERVED_LOW =
      ~(InvalidationDescriptor.TYPE.mask() | G.mask() | IM.mask() | IIDX.mask());

  private InterruptEntryCacheInvalidate() {}

  /** Returns word 0 for all entries. */
  public static long lowGlobal() {
    return InvalidationDescriptor.TYPE.of(InvalidationDescriptor.INTERRUPT_ENTRY_CACHE);
  }

  /** Returns word 0 for 2^{@code indexMask} entries from {@code index} on. */
  public static long lowSelective(int index, int indexMask) {
    return lowGlobal() | G.mask() | IIDX.of(index) | IM.of(indexMask);
  }
}
