package org.iommu4j.evidence.fault;

import static org.iommu4j.evidence.fault.FaultCauses.hex;

import org.iommu4j.iommu.fault.FaultCondition;
import org.iommu4j.iommu.fault.FaultMessage;

/** What the line alone says about causes. */
final class LineEvidence {
  private static final long INTERRUPT_FIRST = 0xfee0_0000L;
  private static final long INTERRUPT_LAST = 0xfeef_ffffL;
  private static final long HANDED_OUT_FIRST = 0xe000_0000L;
  private static final long HANDED_OUT_LAST = 0xffff_ffffL;

  private LineEvidence() {}

  /** Returns whether an address looks like a null pointer with an offset. */
  static boolean isNextToZero(long address) {
    return Long.compareUnsigned(address, 0x1_0000) < 0;
  }

  static void add(FaultMessage fault, Evidence evidence) {
    if (fault.condition() == FaultCondition.NOT_MAPPED) {
      evidence.speaksAgainst(
          CauseKind.WRONG_DIRECTION, "nothing is mapped there, for neither direction");
    }
    Long address = fault.address();
    if (address == null) {
      return;
    }
    if (isNextToZero(address)) {
      evidence.speaksFor(
          CauseKind.NEVER_MAPPED,
          hex(address) + " is next to 0: a descriptor that was not filled in, or a null pointer");
      evidence.speaksAgainst(
          CauseKind.USED_AFTER_UNMAP, "addresses are handed out from the top down, and 0 never is");
    }
    if (address >= INTERRUPT_FIRST && address <= INTERRUPT_LAST) {
      evidence.speaksFor(
          CauseKind.STRAY_INTERRUPT, hex(address) + " lies in the range of interrupts");
    } else if (address >= HANDED_OUT_FIRST && address <= HANDED_OUT_LAST) {
      evidence.speaksFor(
          CauseKind.USED_AFTER_UNMAP,
          hex(address) + " lies right below 4 GiB, where addresses are handed out first");
    }
    if (address >>> 47 != 0) {
      evidence.speaksFor(
          CauseKind.ADDRESS_TOO_WIDE,
          hex(address)
              + " uses bit 47 or above"
              + (address < 0 ? ", as a sign extension does" : ""));
    }
  }
}
