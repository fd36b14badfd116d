package org.iommu4j.vtd.hw.format;

/** The PASID-cache invalidate descriptor. Source: VT-d 3.3 section 6.5.2.3. */
public final class PasidCacheInvalidate {
  /** Granularity: {@link #DOMAIN}, {@link #PASID} or {@link #GLOBAL}. */
  public static final BitField G = BitField.bits("G", 5, 4);

  /** Domain identifier. */
  public static final BitField DID = BitField.bits("DID", 31, 16);

  /** Address space identifier. */
  public static final BitField PASID = BitField.bits("PASID", 51, 32);

  /** The value of {@link #G} for all address spaces of a domain. */
  public static final int DOMAIN = 0;

  /** The value of {@link #G} for one address space of a domain. */
  public static final int PASID_OF_DOMAIN = 1;

  /** The value of {@link #G} for everything. */
  public static final int GLOBAL = 3;

  /** The bits of word 0 that must be zero; all of word 1 must. */
  public static final long RESERVED_LOW =
      ~(InvalidationDescriptor.TYPE.mask() | G.mask() | DID.mask() | PASID.mask());

  private PasidCacheInvalidate() {}

  /** Returns word 0; word 1 is zero. */
  public static long low(int granularity, int domainId, int pasid) {
    return InvalidationDescriptor.TYPE.of(InvalidationDescriptor.PASID_CACHE)
        | G.of(granularity)
        | DID.of(domainId)
        | PASID.of(pasid);
  }
}
