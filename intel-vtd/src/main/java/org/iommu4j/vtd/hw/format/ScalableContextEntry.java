package org.iommu4j.vtd.hw.format;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.errorprone.annotations.Immutable;

/**
 * An entry of a context table in scalable mode, which leads to a function's directory of address
 * spaces: 256 bits, of which the upper half is reserved.
 *
 * <p>Immutable. Source: VT-d 3.3 section 9.4.
 *
 * @param low bits 63:0
 * @param high bits 127:64
 */
@Immutable
public record ScalableContextEntry(long low, long high) {
  /** The size of an entry in bytes. */
  public static final int BYTES = 32;

  /** How many functions of a bus the lower of its two tables has; the upper has the others. */
  public static final int TABLE_ENTRIES = 128;

  /** Present. */
  public static final BitField P = BitField.bit("P", 0);

  /** Fault processing disable. */
  public static final BitField FPD = BitField.bit("FPD", 1);

  /** Device-TLB enable. */
  public static final BitField DTE = BitField.bit("DTE", 2);

  /** PASID directory size: 2^(value + 7) entries. */
  public static final BitField PDTS = BitField.bits("PDTS", 11, 9);

  /** PASID directory pointer, the number of a frame. */
  public static final BitField PASIDDIRPTR = BitField.bits("PASIDDIRPTR", 63, 12);

  /** The address space of requests that name none. */
  public static final BitField RID_PASID = BitField.bits("RID_PASID", 83, 64);

  private static final long RESERVED_HIGH = ~(RID_PASID.mask() | 1L << 20); // RID_PRIV

  /**
   * Returns a present entry.
   *
   * @param directoryPhys the address of the directory
   * @param sizeCode the value of {@link #PDTS}
   * @param deviceTlb whether the function may cache translations
   */
  public static ScalableContextEntry of(long directoryPhys, int sizeCode, boolean deviceTlb) {
    return new ScalableContextEntry(
        P.of(1)
            | DTE.of(deviceTlb ? 1 : 0)
            | PDTS.of(sizeCode)
            | PASIDDIRPTR.of(directoryPhys >>> PAGE_SHIFT),
        0);
  }

  /** Returns the physical address of function {@code devfn}'s entry in its table. */
  public static long entryPhys(long tablePhys, int devfn) {
    return tablePhys + (long) (devfn % TABLE_ENTRIES) * BYTES;
  }

  /** Returns the physical address of the root entry's half that leads to a function's table. */
  public static long rootHalfPhys(long rootTablePhys, int requesterId) {
    long half = (requesterId & 0xff) / TABLE_ENTRIES * 8L;
    return RootEntry.entryPhys(rootTablePhys, requesterId >> 8) + half;
  }

  /** Returns whether the entry is present. */
  public boolean isPresent() {
    return P.isSet(low);
  }

  /** Returns whether a reserved bit is set. */
  public boolean hasReservedBits() {
    return (high & RESERVED_HIGH) != 0;
  }

  /** Returns the address space of requests that name none. */
  public int requesterPasid() {
    return (int) RID_PASID.get(high);
  }

  /** Returns the physical address of the directory's entry for an address space. */
  public long directoryEntryPhys(int pasid) {
    return (low & PASIDDIRPTR.mask()) + pasid / PasidEntry.TABLE_ENTRIES * 8L;
  }
}
