package org.iommu4j.vtd.hw.format;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_BYTES;

/** The device-TLB invalidate descriptor. Source: VT-d 3.3 section 6.5.2.5. */
public final class DeviceTlbInvalidate {
  /** Physical function's source identifier, bits 3:0. */
  public static final BitField PFSID_LOW = BitField.bits("PFSID[3:0]", 15, 12);

  /** Maximum invalidations pending. */
  public static final BitField MIP = BitField.bits("MIP", 20, 16);

  /** Source identifier. */
  public static final BitField SID = BitField.bits("SID", 47, 32);

  /** Physical function's source identifier, bits 15:4. */
  public static final BitField PFSID_HIGH = BitField.bits("PFSID[15:4]", 63, 52);

  /** Size: the address's lowest clear bit says how many pages. */
  public static final BitField S = BitField.bit("S", 64);

  /** Address, the number of a page. */
  public static final BitField ADDR = BitField.bits("ADDR", 127, 76);

  /** The bits of word 0 that must be zero. */
  public static final long RESERVED_LOW =
      ~(InvalidationDescriptor.TYPE.mask()
          | PFSID_LOW.mask()
          | MIP.mask()
          | SID.mask()
          | PFSID_HIGH.mask());

  /** The bits of word 1 that must be zero. */
  public static final long RESERVED_HIGH = ~(S.mask() | ADDR.mask());

  private DeviceTlbInvalidate() {}

  /** Returns word 0. */
  public static long low(int sourceId, int physicalFunctionId, int maxPending) {
    return InvalidationDescriptor.TYPE.of(InvalidationDescriptor.DEVICE_TLB)
        | SID.of(sourceId)
        | MIP.of(maxPending)
        | PFSID_LOW.of(physicalFunctionId & 0xf)
        | PFSID_HIGH.of(physicalFunctionId >>> 4);
  }

  /** Returns word 1 for 2^{@code addressMask} pages from {@code iova}, aligned to them, on. */
  public static long high(long iova, int addressMask) {
    if (addressMask == 0) {
      return iova & ADDR.mask();
    }
    long ones = (1L << (12 + addressMask - 1)) - 1;
    return (((iova & (-1L << (12 + addressMask))) | ones) & ADDR.mask()) | S.mask();
  }

  /** Returns how many bytes word 1 names; 0 stands for all 2^64 of them. */
  public static long lengthBytes(long high) {
    if (!S.isSet(high)) {
      return PAGE_BYTES;
    }
    int shift = Long.numberOfTrailingZeros(~(high | OFFSET_MASK));
    return shift >= 63 ? 0 : 2L << shift;
  }

  /** Returns the first address of those that word 1 names. */
  public static long startIova(long high) {
    return high & ADDR.mask() & -lengthBytes(high);
  }
}
