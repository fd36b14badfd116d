package org.iommu4j.vtd.hw.format;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.errorprone.annotations.Immutable;

/**
 * An entry of a context table in legacy mode: one for each function of a bus, 128 bits.
 *
 * <p>Immutable. Source: VT-d 3.3 section 9.3.
 *
 * @param low bits 63:0
 * @param high bits 127:64
 */
@Immutable
public record ContextEntry(long low, long high) {
  /** The size of an entry in bytes. */
  public static final int BYTES = 16;

  /** Present. */
  public static final BitField P = BitField.bit("P", 0);

  /** Fault processing disable. */
  public static final BitField FPD = BitField.bit("FPD", 1);

  /** Translation type. */
  public static final BitField TT = BitField.bits("TT", 3, 2);

  /** Second-level page-table pointer, the number of a frame. */
  public static final BitField SLPTPTR = BitField.bits("SLPTPTR", 63, 12);

  /** Address width. */
  public static final BitField AW = BitField.bits("AW", 66, 64);

  /** Ignored by hardware, for software. */
  public static final BitField AVAIL = BitField.bits("AVAIL", 70, 67);

  /** Domain identifier. */
  public static final BitField DID = BitField.bits("DID", 87, 72);

  /** The value of {@link #TT} for untranslated requests only. */
  public static final int TT_UNTRANSLATED = 0;

  /** The value of {@link #TT} for untranslated, translation and translated requests. */
  public static final int TT_DEVICE_TLB = 1;

  /** The value of {@link #TT} for requests that pass through. */
  public static final int TT_PASS_THROUGH = 2;

  private static final long RESERVED_LOW = ~(P.mask() | FPD.mask() | TT.mask() | SLPTPTR.mask());
  private static final long RESERVED_HIGH = ~(AW.mask() | AVAIL.mask() | DID.mask());

  /** Returns an entry that is not present. */
  public static ContextEntry absent() {
    return new ContextEntry(0, 0);
  }

  /**
   * Returns a present entry.
   *
   * @param translationType the value of {@link #TT}
   * @param pageTablePhys the address of the topmost page table
   * @param levels the number of the page tables' levels, 3, 4 or 5
   * @param domainId the value of {@link #DID}
   */
  public static ContextEntry of(int translationType, long pageTablePhys, int levels, int domainId) {
    return new ContextEntry(
        P.of(1) | TT.of(translationType) | SLPTPTR.of(pageTablePhys >>> PAGE_SHIFT),
        AW.of(levels - 2) | DID.of(domainId));
  }

  /** Returns the physical address of function {@code devfn}'s entry in the table. */
  public static long entryPhys(long contextTablePhys, int devfn) {
    return contextTablePhys + (long) devfn * BYTES;
  }

  /** Returns the entry with one field changed. */
  public ContextEntry with(BitField field, long value) {
    return field.word() == 0
        ? new ContextEntry(field.replace(low, value), high)
        : new ContextEntry(low, field.replace(high, value));
  }

  /** Returns the value of a field. */
  public long get(BitField field) {
    return field.get(field.word() == 0 ? low : high);
  }

  /** Returns whether the entry is present. */
  public boolean isPresent() {
    return P.isSet(low);
  }

  /** Returns whether qualified faults of the function are to be left unrecorded. */
  public boolean isFaultProcessingDisabled() {
    return FPD.isSet(low);
  }

  /** Returns the translation type, one of the {@code TT_} constants or 3, which is reserved. */
  public int translationType() {
    return (int) TT.get(low);
  }

  /** Returns the physical address of the topmost page table. */
  public long pageTablePhys() {
    return low & SLPTPTR.mask();
  }

  /** Returns the number of the page tables' levels that {@link #AW} asks for, 2 to 9. */
  public int levels() {
    return (int) AW.get(high) + 2;
  }

  /** Returns the width of the addresses that {@link #levels()} translate, in bits. */
  public int addressWidthBits() {
    return 12 + 9 * levels();
  }

  /** Returns the domain's identifier. */
  public int domainId() {
    return (int) DID.get(high);
  }

  /**
   * Returns whether a reserved bit is set.
   *
   * @param hostAddressBits the number of the platform's address bits
   * @param domainIdBits the number of domain-id bits that the hardware has
   */
  public boolean hasReservedBits(int hostAddressBits, int domainIdBits) {
    long pointer = translationType() == TT_PASS_THROUGH ? 0 : -1L << hostAddressBits;
    long domain = DID.mask() & (-1L << (DID.lowBit() - 64 + domainIdBits));
    return (low & (RESERVED_LOW | pointer)) != 0 || (high & (RESERVED_HIGH | domain)) != 0;
  }
}
