package org.iommu4j.vtd.hw.format;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.errorprone.annotations.Immutable;

/**
 * An entry of the root table in legacy mode: one for each PCI bus, 128 bits.
 *
 * <p>Immutable. Source: VT-d 3.3 section 9.1.
 *
 * @param low bits 63:0
 * @param high bits 127:64, all reserved
 */
@Immutable
public record RootEntry(long low, long high) {
  /** The size of an entry in bytes. */
  public static final int BYTES = 16;

  /** Present. */
  public static final BitField P = BitField.bit("P", 0);

  /** Context-table pointer, the number of a frame. */
  public static final BitField CTP = BitField.bits("CTP", 63, 12);

  private static final long RESERVED_LOW = ~(P.mask() | CTP.mask());

  /** Returns a present entry that points to the context table at {@code contextTablePhys}. */
  public static RootEntry of(long contextTablePhys) {
    return new RootEntry(P.of(1) | CTP.of(contextTablePhys >>> PAGE_SHIFT), 0);
  }

  /** Returns the physical address of bus {@code bus}'s entry in the table. */
  public static long entryPhys(long rootTablePhys, int bus) {
    return rootTablePhys + (long) bus * BYTES;
  }

  /** Returns whether the entry is present. */
  public boolean isPresent() {
    return P.isSet(low);
  }

  /** Returns the physical address of the context table. */
  public long contextTablePhys() {
    return low & CTP.mask();
  }

  /** Returns whether a reserved bit is set, on a platform with this many address bits. */
  public boolean hasReservedBits(int hostAddressBits) {
    return high != 0 || (low & (RESERVED_LOW | -1L << hostAddressBits)) != 0;
  }
}
