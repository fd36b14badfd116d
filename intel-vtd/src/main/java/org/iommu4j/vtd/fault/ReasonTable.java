package org.iommu4j.vtd.fault;

import static org.iommu4j.iommu.fault.FaultCondition.BAD_TABLES;
import static org.iommu4j.iommu.fault.FaultCondition.INTERRUPT_ENTRY;
import static org.iommu4j.iommu.fault.FaultCondition.INTERRUPT_FORM;
import static org.iommu4j.iommu.fault.FaultCondition.INTERRUPT_RANGE;
import static org.iommu4j.iommu.fault.FaultCondition.INTERRUPT_SOURCE;
import static org.iommu4j.iommu.fault.FaultCondition.NOT_GRANTED;
import static org.iommu4j.iommu.fault.FaultCondition.NOT_MAPPED;
import static org.iommu4j.iommu.fault.FaultCondition.NO_PASID;
import static org.iommu4j.iommu.fault.FaultCondition.NO_RIGHT;
import static org.iommu4j.iommu.fault.FaultCondition.NO_TABLES;
import static org.iommu4j.iommu.fault.FaultCondition.OTHER;
import static org.iommu4j.iommu.fault.FaultCondition.PRIVILEGE;
import static org.iommu4j.iommu.fault.FaultCondition.REQUEST_TYPE;
import static org.iommu4j.iommu.fault.FaultCondition.TOO_WIDE;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.fault.FaultCondition;
import org.iommu4j.vtd.hw.format.FaultReason;

/**
 * The fault reasons that Linux knows by name: of legacy mode, of interrupt remapping, of scalable
 * mode.
 *
 * <p>The names are what the kernel prints, the same in 5.10, 6.1 and 6.12.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_get_fault_reason}; VT-d 3.3 section 7.1.
 */
public final class ReasonTable {
  private static final String UNKNOWN = "Unknown";
  private static final ImmutableMap<Integer, Row> ROWS = rows();

  private ReasonTable() {}

  /**
   * One reason.
   *
   * @param code the fault-recording register's number for it
   * @param words what the kernel prints
   * @param meaning what it means, for people
   * @param condition the kind of reason
   */
  @Immutable
  public record Row(int code, String words, String meaning, FaultCondition condition) {
    /** Returns whether the kernel prints it in the form of interrupts. */
    public boolean isOfInterrupts() {
      return code >= 0x20 && code <= 0x26;
    }
  }

  /** Returns the reason with this code, or one that says that it is unknown. */
  public static Row of(int code) {
    Row row = ROWS.get(code);
    return row != null
        ? row
        : new Row(code, UNKNOWN, "a reason that no kernel up to 6.12 knows by name", OTHER);
  }

  /** Returns all reasons by their codes. */
  static ImmutableMap<Integer, Row> all() {
    return ROWS;
  }

  private static ImmutableMap<Integer, Row> rows() {
    Rows rows = new Rows();
    legacy(rows);
    interrupts(rows);
    scalableEntries(rows);
    scalablePages(rows);
    return rows.byCode.buildOrThrow();
  }

  private static void legacy(Rows rows) {
    rows.add(0x0, "Software", "no fault of the hardware's", OTHER)
        .add(
            FaultReason.ROOT_NOT_PRESENT,
            "Present bit in root entry is clear",
            "the unit has no tables for any function of the requester's bus",
            NO_TABLES)
        .add(
            FaultReason.CONTEXT_NOT_PRESENT,
            "Present bit in context entry is clear",
            "the unit has no tables for the requester",
            NO_TABLES)
        .add(
            FaultReason.CONTEXT_INVALID,
            "Invalid context entry",
            "the requester's entry asks for a width or a kind of translation that the unit lacks",
            BAD_TABLES)
        .add(
            FaultReason.ADDRESS_BEYOND_WIDTH,
            "Access beyond MGAW",
            "the address is wider than what the unit or the domain translates",
            TOO_WIDE)
        .add(
            FaultReason.WRITE_DENIED,
            "PTE Write access is not set",
            "the domain does not let the requester write there: nothing is mapped, or for reading"
                + " only",
            NOT_GRANTED)
        .add(
            FaultReason.READ_DENIED,
            "PTE Read access is not set",
            "the domain does not let the requester read there: nothing is mapped, since Linux makes"
                + " all that it maps readable",
            NOT_MAPPED)
        .add(
            FaultReason.PAGE_TABLE_INACCESSIBLE,
            "Next page table ptr is invalid",
            "a page table is not where memory is",
            BAD_TABLES)
        .add(
            FaultReason.ROOT_TABLE_INACCESSIBLE,
            "Root table address invalid",
            "the root table is not where memory is",
            BAD_TABLES)
        .add(
            FaultReason.CONTEXT_TABLE_INACCESSIBLE,
            "Context table ptr is invalid",
            "the context table of the requester's bus is not where memory is",
            BAD_TABLES)
        .add(
            FaultReason.ROOT_RESERVED,
            "non-zero reserved fields in RTP",
            "the root entry of the requester's bus has bits set that must be 0",
            BAD_TABLES)
        .add(
            FaultReason.CONTEXT_RESERVED,
            "non-zero reserved fields in CTP",
            "the requester's context entry has bits set that must be 0",
            BAD_TABLES)
        .add(
            FaultReason.PAGE_TABLE_RESERVED,
            "non-zero reserved fields in PTE",
            "a page-table entry has bits set that must be 0",
            BAD_TABLES)
        .add(
            FaultReason.REQUEST_TYPE_BLOCKED,
            "PCE for translation request specifies blocking",
            "the requester asked for a translation, or said that its address is one, and its entry"
                + " forbids both",
            REQUEST_TYPE);
  }

  private static void interrupts(Rows rows) {
    rows.add(
            0x20,
            "Detected reserved fields in the decoded interrupt-remapped request",
            "the interrupt's address and data have bits set that must be 0",
            INTERRUPT_FORM)
        .add(
            0x21,
            "Interrupt index exceeded the interrupt-remapping table size",
            "the interrupt names an entry behind the end of the remapping table",
            INTERRUPT_ENTRY)
        .add(
            0x22,
            "Present field in the IRTE entry is clear",
            "the interrupt's entry of the remapping table is not in use",
            INTERRUPT_ENTRY)
        .add(
            0x23,
            "Error accessing interrupt-remapping table pointed by IRTA_REG",
            "the interrupt-remapping table is not where memory is",
            BAD_TABLES)
        .add(
            0x24,
            "Detected reserved fields in the IRTE entry",
            "the interrupt's entry has bits set that must be 0",
            BAD_TABLES)
        .add(
            0x25,
            "Blocked a compatibility format interrupt request",
            "an interrupt in the form of old, which is blocked while interrupts are remapped",
            INTERRUPT_FORM)
        .add(
            0x26,
            "Blocked an interrupt request due to source-id verification failure",
            "the interrupt's entry belongs to another sender",
            INTERRUPT_SOURCE);
  }

  private static void scalableEntries(Rows rows) {
    rows.add(
            0x30, "SM: Invalid Root Table Address", "the root table's address is wrong", BAD_TABLES)
        .add(
            0x31,
            "SM: TTM 0 for request with PASID",
            "a request with a PASID, and the unit is in legacy mode",
            NO_PASID)
        .add(
            0x32,
            "SM: TTM 0 for page group request",
            "a page request, and the unit is in legacy mode",
            REQUEST_TYPE)
        .add(
            0x38,
            "SM: Error attempting to access Root Entry",
            "the root entry cannot be read",
            BAD_TABLES)
        .add(
            0x39,
            "SM: Present bit in Root Entry is clear",
            "the unit has no tables for any function of the requester's bus",
            NO_TABLES)
        .add(
            0x3a,
            "SM: Non-zero reserved field set in Root Entry",
            "the root entry has bits set that must be 0",
            BAD_TABLES)
        .add(
            0x40,
            "SM: Error attempting to access Context Entry",
            "the context entry cannot be read",
            BAD_TABLES)
        .add(
            0x41,
            "SM: Present bit in Context Entry is clear",
            "the unit has no tables for the requester",
            NO_TABLES)
        .add(
            0x42,
            "SM: Non-zero reserved field set in the Context Entry",
            "the context entry has bits set that must be 0",
            BAD_TABLES)
        .add(
            0x43,
            "SM: Invalid Context Entry",
            "the context entry asks for what the unit lacks",
            BAD_TABLES)
        .add(
            0x44,
            "SM: DTE field in Context Entry is clear",
            "the requester asked for a translation, and its entry does not allow device TLBs",
            REQUEST_TYPE)
        .add(
            0x45,
            "SM: PASID Enable field in Context Entry is clear",
            "a request with a PASID, and the requester's entry allows none",
            NO_PASID)
        .add(
            0x46,
            "SM: PASID is larger than the max in Context Entry",
            "the PASID is larger than the requester's table",
            NO_PASID)
        .add(
            0x47,
            "SM: PRE field in Context-Entry is clear",
            "a page request, and the requester's entry allows none",
            REQUEST_TYPE)
        .add(
            0x48,
            "SM: RID_PASID field error in Context-Entry",
            "the PASID for requests without one is wrong in the requester's entry",
            BAD_TABLES)
        .add(
            0x50,
            "SM: Error attempting to access the PASID Directory Entry",
            "the PASID directory cannot be read",
            BAD_TABLES)
        .add(
            0x51,
            "SM: Present bit in Directory Entry is clear",
            "the requester has no PASID table for this PASID",
            NO_PASID)
        .add(
            0x52,
            "SM: Non-zero reserved field set in PASID Directory Entry",
            "the PASID directory's entry has bits set that must be 0",
            BAD_TABLES)
        .add(
            0x58,
            "SM: Error attempting to access PASID Table Entry",
            "the PASID table cannot be read",
            BAD_TABLES)
        .add(
            0x59,
            "SM: Present bit in PASID Table Entry is clear",
            "the PASID is bound to nothing (without one: the requester is attached to nothing)",
            NO_PASID)
        .add(
            0x5a,
            "SM: Non-zero reserved field set in PASID Table Entry",
            "the PASID's entry has bits set that must be 0",
            BAD_TABLES)
        .add(
            0x5b,
            "SM: Invalid Scalable-Mode PASID Table Entry",
            "the PASID's entry asks for what the unit lacks",
            BAD_TABLES)
        .add(
            0x5c,
            "SM: ERE field is clear in PASID Table Entry",
            "a request to execute, and the PASID's entry allows none",
            PRIVILEGE)
        .add(
            0x5d,
            "SM: SRE field is clear in PASID Table Entry",
            "a request with the kernel's privilege, and the PASID's entry allows none",
            PRIVILEGE);
  }

  private static void scalablePages(Rows rows) {
    rows.add(
            0x70,
            "SM: Error attempting to access first-level paging entry",
            "a first-level page table is not where memory is",
            BAD_TABLES)
        .add(
            0x71,
            "SM: Present bit in first-level paging entry is clear",
            "nothing is mapped at the address",
            NOT_MAPPED)
        .add(
            0x72,
            "SM: Non-zero reserved field set in first-level paging entry",
            "a first-level entry has bits set that must be 0",
            BAD_TABLES)
        .add(
            0x73,
            "SM: Error attempting to access FL-PML4 entry",
            "the top first-level table is not where memory is",
            BAD_TABLES)
        .add(
            0x74,
            "SM: First-level entry address beyond MGAW in Nested translation",
            "a guest's page table leads beyond what the second level translates",
            TOO_WIDE)
        .add(
            0x75,
            "SM: Read permission error in FL-PML4 entry in Nested translation",
            "the second level does not let the guest's top table be read",
            NOT_GRANTED)
        .add(
            0x76,
            "SM: Read permission error in first-level paging entry in Nested translation",
            "the second level does not let a guest's page table be read",
            NOT_GRANTED)
        .add(
            0x77,
            "SM: Write permission error in first-level paging entry in Nested translation",
            "the second level does not let accessed and dirty bits of a guest's table be written",
            NO_RIGHT)
        .add(
            0x78,
            "SM: Error attempting to access second-level paging entry",
            "a second-level page table is not where memory is",
            BAD_TABLES)
        .add(
            0x79,
            "SM: Read/Write permission error in second-level paging entry",
            "the second level does not grant it: nothing is mapped, or for reading only",
            NOT_GRANTED)
        .add(
            0x7a,
            "SM: Non-zero reserved field set in second-level paging entry",
            "a second-level entry has bits set that must be 0",
            BAD_TABLES)
        .add(
            0x7b,
            "SM: Invalid second-level page table pointer",
            "the second level's top table is not where memory is",
            BAD_TABLES)
        .add(
            0x7c,
            "SM: A/D bit update needed in second-level entry when set up in no snoop",
            "a dirty bit has to be set and cannot be, since the walk does not snoop",
            BAD_TABLES)
        .add(
            0x80,
            "SM: Address in first-level translation is not canonical",
            "the address is not canonical: its upper bits are not all alike",
            TOO_WIDE)
        .add(
            0x81,
            "SM: U/S set 0 for first-level translation with user privilege",
            "a user's request for a page of the kernel's",
            PRIVILEGE)
        .add(
            0x82,
            "SM: No execute permission for request with PASID and ER=1",
            "a request to execute from a page that does not allow it",
            PRIVILEGE)
        .add(
            0x83,
            "SM: Address beyond the DMA hardware max",
            "the address is wider than what the unit translates",
            TOO_WIDE)
        .add(
            0x84,
            "SM: Second-level entry address beyond the max",
            "the address is wider than what the domain translates",
            TOO_WIDE)
        .add(
            0x85,
            "SM: No write permission for Write/AtomicOp request",
            "the page is mapped for reading only",
            NO_RIGHT)
        .add(
            0x86,
            "SM: No read permission for Read/AtomicOp request",
            "the page is mapped, but not for reading",
            NO_RIGHT)
        .add(
            0x87,
            "SM: Invalid address-interrupt address",
            "a request for the range of interrupts that is no interrupt",
            INTERRUPT_RANGE)
        .add(
            0x90,
            "SM: A/D bit update needed in first-level entry when set up in no snoop",
            "an accessed or dirty bit has to be set and cannot be, since the walk does not snoop",
            BAD_TABLES);
  }

  private static final class Rows {
    private final ImmutableMap.Builder<Integer, Row> byCode = ImmutableMap.builder();

    Rows add(FaultReason reason, String words, String meaning, FaultCondition condition) {
      return add(reason.code(), words, meaning, condition);
    }

    @com.google.errorprone.annotations.CanIgnoreReturnValue
    Rows add(int code, String words, String meaning, FaultCondition condition) {
      byCode.put(code, new Row(code, words, meaning, condition));
      return this;
    }
  }
}
