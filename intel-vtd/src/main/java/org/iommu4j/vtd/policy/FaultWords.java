package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableMap;

/**
 * What Linux 5.10 calls the reasons of faults, by the code of the fault-recording register.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_get_fault_reason}.
 */
public final class FaultWords {
  private static final int FIRST_OF_INTERRUPTS = 0x20;
  private static final int LAST_OF_INTERRUPTS = 0x26;

  private static final ImmutableMap<Integer, String> WORDS =
      ImmutableMap.<Integer, String>builder()
          .put(0x00, "Software")
          .put(0x01, "Present bit in root entry is clear")
          .put(0x02, "Present bit in context entry is clear")
          .put(0x03, "Invalid context entry")
          .put(0x04, "Access beyond MGAW")
          .put(0x05, "PTE Write access is not set")
          .put(0x06, "PTE Read access is not set")
          .put(0x07, "Next page table ptr is invalid")
          .put(0x08, "Root table address invalid")
          .put(0x09, "Context table ptr is invalid")
          .put(0x0a, "non-zero reserved fields in RTP")
          .put(0x0b, "non-zero reserved fields in CTP")
          .put(0x0c, "non-zero reserved fields in PTE")
          .put(0x0d, "PCE for translation request specifies blocking")
          .put(0x20, "Detected reserved fields in the decoded interrupt-remapped request")
          .put(0x21, "Interrupt index exceeded the interrupt-remapping table size")
          .put(0x22, "Present field in the IRTE entry is clear")
          .put(0x23, "Error accessing interrupt-remapping table pointed by IRTA_REG")
          .put(0x24, "Detected reserved fields in the IRTE entry")
          .put(0x25, "Blocked a compatibility format interrupt request")
          .put(0x26, "Blocked an interrupt request due to source-id verification failure")
          .put(0x30, "SM: Invalid Root Table Address")
          .put(0x31, "SM: TTM 0 for request with PASID")
          .put(0x32, "SM: TTM 0 for page group request")
          .put(0x38, "SM: Error attempting to access Root Entry")
          .put(0x39, "SM: Present bit in Root Entry is clear")
          .put(0x3a, "SM: Non-zero reserved field set in Root Entry")
          .put(0x40, "SM: Error attempting to access Context Entry")
          .put(0x41, "SM: Present bit in Context Entry is clear")
          .put(0x42, "SM: Non-zero reserved field set in the Context Entry")
          .put(0x43, "SM: Invalid Context Entry")
          .put(0x44, "SM: DTE field in Context Entry is clear")
          .put(0x45, "SM: PASID Enable field in Context Entry is clear")
          .put(0x46, "SM: PASID is larger than the max in Context Entry")
          .put(0x47, "SM: PRE field in Context-Entry is clear")
          .put(0x48, "SM: RID_PASID field error in Context-Entry")
          .put(0x50, "SM: Error attempting to access the PASID Directory Entry")
          .put(0x51, "SM: Present bit in Directory Entry is clear")
          .put(0x52, "SM: Non-zero reserved field set in PASID Directory Entry")
          .put(0x58, "SM: Error attempting to access PASID Table Entry")
          .put(0x59, "SM: Present bit in PASID Table Entry is clear")
          .put(0x5a, "SM: Non-zero reserved field set in PASID Table Entry")
          .put(0x5b, "SM: Invalid Scalable-Mode PASID Table Entry")
          .put(0x5c, "SM: ERE field is clear in PASID Table Entry")
          .put(0x5d, "SM: SRE field is clear in PASID Table Entry")
          .put(0x70, "SM: Error attempting to access first-level paging entry")
          .put(0x71, "SM: Present bit in first-level paging entry is clear")
          .put(0x72, "SM: Non-zero reserved field set in first-level paging entry")
          .put(0x73, "SM: Error attempting to access FL-PML4 entry")
          .put(0x74, "SM: First-level entry address beyond MGAW in Nested translation")
          .put(0x75, "SM: Read permission error in FL-PML4 entry in Nested translation")
          .put(0x76, "SM: Read permission error in first-level paging entry in Nested translation")
          .put(0x77, "SM: Write permission error in first-level paging entry in Nested translation")
          .put(0x78, "SM: Error attempting to access second-level paging entry")
          .put(0x79, "SM: Read/Write permission error in second-level paging entry")
          .put(0x7a, "SM: Non-zero reserved field set in second-level paging entry")
          .put(0x7b, "SM: Invalid second-level page table pointer")
          .put(0x7c, "SM: A/D bit update needed in second-level entry when set up in no snoop")
          .put(0x80, "SM: Address in first-level translation is not canonical")
          .put(0x81, "SM: U/S set 0 for first-level translation with user privilege")
          .put(0x82, "SM: No execute permission for request with PASID and ER=1")
          .put(0x83, "SM: Address beyond the DMA hardware max")
          .put(0x84, "SM: Second-level entry address beyond the max")
          .put(0x85, "SM: No write permission for Write/AtomicOp request")
          .put(0x86, "SM: No read permission for Read/AtomicOp request")
          .put(0x87, "SM: Invalid address-interrupt address")
          .put(0x90, "SM: A/D bit update needed in first-level entry when set up in no snoop")
          .buildOrThrow();

  private FaultWords() {}

  /** Returns the kernel's words, {@code Unknown} where it has none. */
  public static String of(int reasonCode) {
    return WORDS.getOrDefault(reasonCode, "Unknown");
  }

  /** Returns whether interrupt remapping refused a request, so that the record has an index. */
  public static boolean isOfInterrupts(int reasonCode) {
    return reasonCode >= FIRST_OF_INTERRUPTS && reasonCode <= LAST_OF_INTERRUPTS;
  }
}
