package org.iommu4j.vtd.hw.format;

/** The PASID-based IOTLB invalidate descriptor. Source: VT-d 3.3 section 6.5.2.4. */
public final class PasidIotlbInvalidate {
  /** Granularity: {@link #ALL} or {@link #PAGES}. */
  public static final BitField G = BitField.bits("G", 5, 4);

  /** Domain identifier. */
  public static final BitField DID = BitField.bits("DID", 31, 16);

  /** Address space identifier. */
  public static final BitField PASID = BitField.bits("PASID", 51, 32);

  /** Address mask: the binary logarithm of the number of pages. */
  public static final BitField AM = BitField.bits("AM", 69, 64);

  /** Invalidation hint: only leaves changed. */
  public static final BitField IH = BitField.bit("IH", 70);

  /** Address, the number of a page. */
  public static final BitField ADDR = BitField.bits("ADDR", 127, 76);

  /** The value of {@link #G} for all of an address space. */
  public static final int ALL = 2;

  /** The value of {@link #G} for some pages of an address space. */
  public static final int PAGES = 3;

  /** The bits of word 0 that must be zero. */
  public static final long RESERVED_LOW =
      ~(InvalidationDescriptor.TYPE.mask() | G.mask() | DID.mask() | PASID.mask());

  /** The bits of word 1 that must be zero. */
  public static final long RESERVED_HIGH = ~(AM.mask() | IH.mask() | ADDR.mask());

  private PasidIotlbInvalidate() {}

  /** Returns word 0. */
  public static long low(int granularity, int domainId, int pasid) {
    return InvalidationDescriptor.TYPE.of(InvalidationDescriptor.PASID_IOTLB)
        | G.of(granularity)
        | DID.of(domainId)
        | PASID.of(pasid);
  }

  /** Returns word 1 of a descriptor for some pages; it is zero in the others. */
  public static long high(long iova, int addressMask, boolean hint) {
    return (iova & ADDR.mask()) | AM.of(addressMask) | (hint ? IH.mask() : 0);
  }
}
