package org.iommu4j.iommu.fault;

import static org.iommu4j.iommu.fault.CauseKind.ADDRESS_TOO_WIDE;
import static org.iommu4j.iommu.fault.CauseKind.ANOTHER_REQUESTER;
import static org.iommu4j.iommu.fault.CauseKind.FIRMWARE_INTERRUPT;
import static org.iommu4j.iommu.fault.CauseKind.FIRMWARE_MEMORY;
import static org.iommu4j.iommu.fault.CauseKind.HARDWARE;
import static org.iommu4j.iommu.fault.CauseKind.INTERRUPT_ID;
import static org.iommu4j.iommu.fault.CauseKind.INTERRUPT_LEFT;
import static org.iommu4j.iommu.fault.CauseKind.LEFT_RUNNING;
import static org.iommu4j.iommu.fault.CauseKind.NEVER_MAPPED;
import static org.iommu4j.iommu.fault.CauseKind.NOT_COVERED;
import static org.iommu4j.iommu.fault.CauseKind.PASID_NOT_BOUND;
import static org.iommu4j.iommu.fault.CauseKind.STRAY_INTERRUPT;
import static org.iommu4j.iommu.fault.CauseKind.TABLES_BROKEN;
import static org.iommu4j.iommu.fault.CauseKind.TRANSLATION_SERVICE;
import static org.iommu4j.iommu.fault.CauseKind.USED_AFTER_UNMAP;
import static org.iommu4j.iommu.fault.CauseKind.WRONG_DIRECTION;
import static org.iommu4j.iommu.fault.CauseKind.WRONG_PRIVILEGE;

import com.google.common.collect.ImmutableList;

/** Kinds of reasons for a refusal, whatever a vendor calls them, with what usually is behind. */
public enum FaultCondition {
  /** The page is not mapped, or is mapped without the right; the line does not tell which. */
  NOT_GRANTED(
      USED_AFTER_UNMAP,
      NEVER_MAPPED,
      WRONG_DIRECTION,
      FIRMWARE_MEMORY,
      ANOTHER_REQUESTER,
      LEFT_RUNNING),
  /** The page is not mapped. */
  NOT_MAPPED(
      USED_AFTER_UNMAP,
      NEVER_MAPPED,
      FIRMWARE_MEMORY,
      ANOTHER_REQUESTER,
      LEFT_RUNNING,
      WRONG_DIRECTION),
  /** The page is mapped without the right. */
  NO_RIGHT(WRONG_DIRECTION, NEVER_MAPPED, USED_AFTER_UNMAP),
  /** The IOMMU has no tables for this requester. */
  NO_TABLES(ANOTHER_REQUESTER, LEFT_RUNNING, NOT_COVERED, FIRMWARE_MEMORY),
  /** The IOMMU has tables for the requester that make no sense. */
  BAD_TABLES(TABLES_BROKEN, HARDWARE),
  /** The address has more bits than are translated. */
  TOO_WIDE(ADDRESS_TOO_WIDE, NEVER_MAPPED),
  /** A translation request, or one that claims to be translated, where none is allowed. */
  REQUEST_TYPE(TRANSLATION_SERVICE, HARDWARE),
  /** The PASID is not known, or requests with one are not allowed. */
  NO_PASID(PASID_NOT_BOUND, USED_AFTER_UNMAP),
  /** Kernel's memory asked for with user's rights, or an execution that is not allowed. */
  PRIVILEGE(WRONG_PRIVILEGE),
  /** A request for the interrupt range that is no interrupt. */
  INTERRUPT_RANGE(STRAY_INTERRUPT, NEVER_MAPPED),
  /** An interrupt in a form that remapping does not take. */
  INTERRUPT_FORM(FIRMWARE_INTERRUPT, STRAY_INTERRUPT),
  /** An interrupt for an entry that is not there. */
  INTERRUPT_ENTRY(INTERRUPT_LEFT, STRAY_INTERRUPT, FIRMWARE_INTERRUPT),
  /** An interrupt that does not come from whom it should come. */
  INTERRUPT_SOURCE(INTERRUPT_ID, STRAY_INTERRUPT),
  /** None of these, or unknown. */
  OTHER(HARDWARE);

  private final ImmutableList<CauseKind> causes;

  FaultCondition(CauseKind... causes) {
    this.causes = ImmutableList.copyOf(causes);
  }

  /** Returns what usually is behind such a refusal, the most likely first. */
  ImmutableList<CauseKind> causes() {
    return causes;
  }
}
