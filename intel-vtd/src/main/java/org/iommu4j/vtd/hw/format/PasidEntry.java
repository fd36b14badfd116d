package org.iommu4j.vtd.hw.format;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.errorprone.annotations.Immutable;

/**
 * An entry of a PASID table in scalable mode: how one address space of a function is translated. Of
 * its 512 bits the first 192 are used.
 *
 * <p>Immutable. Source: VT-d 3.3 section 9.6.
 *
 * @param low bits 63:0
 * @param middle bits 127:64
 * @param high bits 191:128
 */
@Immutable
public record PasidEntry(long low, long middle, long high) {
  /** The size of an entry in bytes. */
  public static final int BYTES = 64;

  /** How many entries a table has, and address spaces an entry of the directory leads to. */
  public static final int TABLE_ENTRIES = 64;

  /** Present. */
  public static final BitField P = BitField.bit("P", 0);

  /** Fault processing disable. */
  public static final BitField FPD = BitField.bit("FPD", 1);

  /** Address width of the second stage. */
  public static final BitField AW = BitField.bits("AW", 4, 2);

  /** Translation type. */
  public static final BitField PGTT = BitField.bits("PGTT", 8, 6);

  /** Second-stage page-table pointer, the number of a frame. */
  public static final BitField SLPTPTR = BitField.bits("SLPTPTR", 63, 12);

  /** Domain identifier. */
  public static final BitField DID = BitField.bits("DID", 79, 64);

  /** Page-walk snoop. */
  public static final BitField PWSNP = BitField.bit("PWSNP", 87);

  /** Page snoop. */
  public static final BitField PGSNP = BitField.bit("PGSNP", 88);

  /** Supervisor request enable. */
  public static final BitField SRE = BitField.bit("SRE", 128);

  /** First-stage paging mode: 0 for four levels, 1 for five. */
  public static final BitField FLPM = BitField.bits("FLPM", 131, 130);

  /** No-execute enable. */
  public static final BitField NXE = BitField.bit("NXE", 133);

  /** First-stage page-table pointer, the number of a frame. */
  public static final BitField FLPTPTR = BitField.bits("FLPTPTR", 191, 140);

  /** The value of {@link #PGTT} for a first stage alone. */
  public static final int FIRST_STAGE = 1;

  /** The value of {@link #PGTT} for a second stage alone. */
  public static final int SECOND_STAGE = 2;

  /** The value of {@link #PGTT} for requests that pass through. */
  public static final int PASS_THROUGH = 4;

  /** Returns the physical address of an address space's entry in the table. */
  public static long entryPhys(long tablePhys, int pasid) {
    return tablePhys + (long) (pasid % TABLE_ENTRIES) * BYTES;
  }

  /** Returns an entry of an address space that a second-stage table translates. */
  public static PasidEntry secondStage(long pageTablePhys, int levels, int domainId) {
    return new PasidEntry(
        P.of(1)
            | AW.of(levels - 2)
            | PGTT.of(SECOND_STAGE)
            | SLPTPTR.of(pageTablePhys >>> PAGE_SHIFT),
        DID.of(domainId),
        0);
  }

  /** Returns an entry of an address space that a table in the processor's form translates. */
  public static PasidEntry firstStage(
      long pageTablePhys, int levels, int widthLevels, int domainId) {
    return new PasidEntry(
        P.of(1) | AW.of(widthLevels - 2) | PGTT.of(FIRST_STAGE),
        DID.of(domainId),
        FLPM.of(levels - 4) | NXE.of(1) | FLPTPTR.of(pageTablePhys >>> PAGE_SHIFT));
  }

  /** Returns an entry of an address space whose addresses pass through. */
  public static PasidEntry passThrough(int widthLevels, int domainId) {
    return new PasidEntry(
        P.of(1) | AW.of(widthLevels - 2) | PGTT.of(PASS_THROUGH), DID.of(domainId), 0);
  }

  /** Returns the entry with one field changed. */
  public PasidEntry with(BitField field, long value) {
    return switch (field.word()) {
      case 0 -> new PasidEntry(field.replace(low, value), middle, high);
      case 1 -> new PasidEntry(low, field.replace(middle, value), high);
      default -> new PasidEntry(low, middle, field.replace(high, value));
    };
  }

  /** Returns whether the entry is present. */
  public boolean isPresent() {
    return P.isSet(low);
  }

  /** Returns the translation type, the value of {@link #PGTT}. */
  public int translationType() {
    return (int) PGTT.get(low);
  }

  /** Returns the domain's identifier. */
  public int domainId() {
    return (int) DID.get(middle);
  }

  /** Returns the number of levels of the table that is walked, or of the width if none is. */
  public int levels() {
    return translationType() == FIRST_STAGE ? (int) FLPM.get(high) + 4 : (int) AW.get(low) + 2;
  }

  /** Returns the physical address of the topmost page table, 0 if none is walked. */
  public long pageTablePhys() {
    return switch (translationType()) {
      case FIRST_STAGE -> high & FLPTPTR.mask();
      case PASS_THROUGH -> 0;
      default -> low & SLPTPTR.mask();
    };
  }
}
