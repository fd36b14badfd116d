package org.iommu4j.vtd.hw.format;

/**
 * Why the hardware refused a request, in legacy or scalable mode: the codes of the fault-recording
 * registers.
 *
 * <p>A qualified fault is recorded only where the context entry used does not disable fault
 * processing. Source: VT-d 3.3 section 7.1, table "DMA remapping fault conditions".
 */
public enum FaultReason {
  /** The bus's root entry is not present. */
  ROOT_NOT_PRESENT(0x1, false, "the present (P) field of the root entry is clear"),
  /** The function's context entry is not present. */
  CONTEXT_NOT_PRESENT(0x2, true, "the present (P) field of the context entry is clear"),
  /** The context entry asks for a width or a translation type that the hardware does not have. */
  CONTEXT_INVALID(
      0x3, true, "AW or TT of the context entry is not supported, or SLPTPTR cannot be read"),
  /** The address is too wide for the hardware or for the function's page tables. */
  ADDRESS_BEYOND_WIDTH(0x4, true, "the address is beyond the width that AW or MGAW allows"),
  /** A write, and the page tables do not grant it. */
  WRITE_DENIED(
      0x5, true, "a write request, and write permission (W) is clear in a second-level entry"),
  /** A read, and the page tables do not grant it. */
  READ_DENIED(
      0x6, true, "a read request, and read permission (R) is clear in a second-level entry"),
  /** A page table is not where memory is. */
  PAGE_TABLE_INACCESSIBLE(0x7, true, "the next second-level table cannot be accessed"),
  /** The root table is not where memory is. */
  ROOT_TABLE_INACCESSIBLE(0x8, false, "the root entry cannot be accessed through RTADDR"),
  /** The context table is not where memory is. */
  CONTEXT_TABLE_INACCESSIBLE(0x9, false, "the context entry cannot be accessed through CTP"),
  /** A present root entry has reserved bits set. */
  ROOT_RESERVED(0xa, false, "a reserved field of a present root entry is not zero"),
  /** A present context entry has reserved bits set. */
  CONTEXT_RESERVED(0xb, true, "a reserved field of a present context entry is not zero"),
  /** A page-table entry that grants something has reserved bits set. */
  PAGE_TABLE_RESERVED(
      0xc, true, "a reserved field of a second-level entry with R or W set is not zero"),
  /** The root table of scalable mode is not where memory is. */
  SCALABLE_ROOT_INACCESSIBLE(0x38, false, "the root entry cannot be accessed through RTADDR"),
  /** The half of the bus's root entry is not present. */
  SCALABLE_ROOT_NOT_PRESENT(0x39, false, "the present field (LP or UP) of the root entry is clear"),
  /** The context table of scalable mode is not where memory is. */
  SCALABLE_CONTEXT_INACCESSIBLE(
      0x40, false, "the context entry cannot be accessed through LCTP or UCTP"),
  /** The function's context entry of scalable mode is not present. */
  SCALABLE_CONTEXT_NOT_PRESENT(
      0x41, true, "the present (P) field of the scalable-mode context entry is clear"),
  /** A present context entry of scalable mode has reserved bits set. */
  SCALABLE_CONTEXT_RESERVED(
      0x42, true, "a reserved field of a present scalable-mode context entry is not zero"),
  /** The function's directory of address spaces is not where memory is. */
  PASID_DIRECTORY_INACCESSIBLE(
      0x50, true, "the PASID directory entry cannot be accessed through PASIDDIRPTR"),
  /** The entry of the function's directory is not present. */
  PASID_DIRECTORY_NOT_PRESENT(
      0x51, true, "the present (P) field of the PASID directory entry is clear"),
  /** The table of address spaces is not where memory is. */
  PASID_TABLE_INACCESSIBLE(
      0x58, true, "the PASID table entry cannot be accessed through SMPTBLPTR"),
  /** The address space's entry is not present. */
  PASID_NOT_PRESENT(0x59, true, "the present (P) field of the PASID table entry is clear"),
  /** The address space's entry asks for what the hardware does not have. */
  PASID_INVALID(0x5b, true, "PGTT or AW of the PASID table entry is not supported"),
  /** A translation or translated request that the context entry's type blocks. */
  REQUEST_TYPE_BLOCKED(
      0xd, true, "the translation type (TT) of the context entry blocks such requests");

  private static final FaultReason[] REASONS = values();

  private final int code;
  private final boolean qualified;
  private final String words;

  FaultReason(int code, boolean qualified, String words) {
    this.code = code;
    this.qualified = qualified;
    this.words = words;
  }

  /** Returns the code that the fault-recording register shows. */
  public int code() {
    return code;
  }

  /** Returns the condition in the specification's terms. */
  public String words() {
    return words;
  }

  /** Returns whether a context entry can suppress the record of such a fault. */
  public boolean isQualified() {
    return qualified;
  }

  /** Returns the reason with this code; throws {@link IllegalArgumentException} if none has it. */
  public static FaultReason ofCode(int code) {
    for (FaultReason reason : REASONS) {
      if (reason.code == code) {
        return reason;
      }
    }
    throw new IllegalArgumentException(String.format("no fault has reason 0x%x", code));
  }
}
