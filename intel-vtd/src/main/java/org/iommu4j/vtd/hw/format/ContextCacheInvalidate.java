package org.iommu4j.vtd.hw.format;

/** The context-cache invalidate descriptor. Source: VT-d 3.3 section 6.5.2.1. */
public final class ContextCacheInvalidate {
  /** Granularity, one of {@link RegisterBits.Granularity}. */
  public static final BitField G = BitField.bits("G", 5, 4);

  /** Domain identifier. */
  public static final BitField DID = BitField.bits("DID", 31, 16);

  /** Source identifier. */
  public static final BitField SID = BitField.bits("SID", 47, 32);

  /** Function mask: how many of the function number's bits do not count. */
  public static final BitField FM = BitField.bits("FM", 49, 48);

  /** The bits of word 0 that must be zero; all of word 1 must. */
  public static final long RESERVED_LOW =
      ~(InvalidationDescriptor.TYPE.mask() | G.mask() | DID.mask() | SID.mask() | FM.mask());

  private ContextCacheInvalidate() {}

  /** Returns word 0; word 1 is zero. */
  public static long low(int granularity, int domainId, int sourceId, int functionMask) {
    return InvalidationDescriptor.TYPE.of(InvalidationDescriptor.CONTEXT_CACHE)
        | G.of(granularity)
        | DID.of(domainId)
        | SID.of(sourceId)
        | FM.of(functionMask);
  }
}
