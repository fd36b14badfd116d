package org.iommu4j.vtd.hw.format;

/** The IOTLB invalidate descriptor. Source: VT-d 3.3 section 6.5.2.2. */
public final class IotlbInvalidate {
  /** Granularity, one of {@link RegisterBits.Granularity}. */
  public static final BitField G = BitField.bits("G", 5, 4);

  /** Drain writes. */
  public static final BitField DW = BitField.bit("DW", 6);

  /** Drain reads. */
  public static final BitField DR = BitField.bit("DR", 7);

  /** Domain identifier. */
  public static final BitField DID = BitField.bits("DID", 31, 16);

  /** Address mask: the binary logarithm of the number of pages. */
  public static final BitField AM = BitField.bits("AM", 69, 64);

  /** Invalidation hint: only leaves changed. */
  public static final BitField IH = BitField.bit("IH", 70);

  /** Address, the number of a page. */
  public static final BitField ADDR = BitField.bits("ADDR", 127, 76);

  /** The bits of word 0 that must be zero. */
  public static final long RESERVED_LOW =
      ~(InvalidationDescriptor.TYPE.mask() | G.mask() | DW.mask() | DR.mask() | DID.mask());

  /** The bits of word 1 that must be zero. */
  public static final long RESERVED_HIGH = ~(AM.mask() | IH.mask() | ADDR.mask());

  private IotlbInvalidate() {}

  /** Returns word 0; {@code drain} asks to drain reads and writes. */
  public static long low(int granularity, int domainId, boolean drain) {
    return InvalidationDescriptor.TYPE.of(InvalidationDescriptor.IOTLB)
        | G.of(granularity)
        | DID.of(domainId)
        | (drain ? DR.mask() | DW.mask() : 0);
  }

  /** Returns word 1 of a page-selective descriptor; it is zero in the others. */
  public static long high(long iova, int addressMask, boolean hint) {
    return (iova & ADDR.mask()) | AM.of(addressMask) | (hint ? IH.mask() : 0);
  }
}
