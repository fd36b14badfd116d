package org.iommu4j.evidence.fault;

import static org.iommu4j.evidence.fault.CauseKind.ADDRESS_TOO_WIDE;
import static org.iommu4j.evidence.fault.CauseKind.ANOTHER_REQUESTER;
import static org.iommu4j.evidence.fault.CauseKind.FIRMWARE_INTERRUPT;
import static org.iommu4j.evidence.fault.CauseKind.FIRMWARE_MEMORY;
import static org.iommu4j.evidence.fault.CauseKind.HARDWARE;
import static org.iommu4j.evidence.fault.CauseKind.INTERRUPT_ID;
import static org.iommu4j.evidence.fault.CauseKind.INTERRUPT_LEFT;
import static org.iommu4j.evidence.fault.CauseKind.LEFT_RUNNING;
import static org.iommu4j.evidence.fault.CauseKind.NEVER_MAPPED;
import static org.iommu4j.evidence.fault.CauseKind.NOT_COVERED;
import static org.iommu4j.evidence.fault.CauseKind.PASID_NOT_BOUND;
import static org.iommu4j.evidence.fault.CauseKind.STRAY_INTERRUPT;
import static org.iommu4j.evidence.fault.CauseKind.TABLES_BROKEN;
import static org.iommu4j.evidence.fault.CauseKind.TRANSLATION_SERVICE;
import static org.iommu4j.evidence.fault.CauseKind.USED_AFTER_UNMAP;
import static org.iommu4j.evidence.fault.CauseKind.WRONG_DIRECTION;
import static org.iommu4j.evidence.fault.CauseKind.WRONG_PRIVILEGE;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.fault.FaultCondition;

/** What usually is behind a refusal of each kind, the most likely first. */
final class UsualCauses {
  private UsualCauses() {}

  static ImmutableList<CauseKind> of(FaultCondition condition) {
    return switch (condition) {
      case NOT_GRANTED ->
          ImmutableList.of(
              USED_AFTER_UNMAP,
              NEVER_MAPPED,
              WRONG_DIRECTION,
              FIRMWARE_MEMORY,
              ANOTHER_REQUESTER,
              LEFT_RUNNING);
      case NOT_MAPPED ->
          ImmutableList.of(
              USED_AFTER_UNMAP,
              NEVER_MAPPED,
              FIRMWARE_MEMORY,
              ANOTHER_REQUESTER,
              LEFT_RUNNING,
              WRONG_DIRECTION);
      case NO_RIGHT -> ImmutableList.of(WRONG_DIRECTION, NEVER_MAPPED, USED_AFTER_UNMAP);
      case NO_TABLES ->
          ImmutableList.of(ANOTHER_REQUESTER, LEFT_RUNNING, NOT_COVERED, FIRMWARE_MEMORY);
      case BAD_TABLES -> ImmutableList.of(TABLES_BROKEN, HARDWARE);
      case TOO_WIDE -> ImmutableList.of(ADDRESS_TOO_WIDE, NEVER_MAPPED);
      case REQUEST_TYPE -> ImmutableList.of(TRANSLATION_SERVICE, HARDWARE);
      case NO_PASID -> ImmutableList.of(PASID_NOT_BOUND, USED_AFTER_UNMAP);
      case PRIVILEGE -> ImmutableList.of(WRONG_PRIVILEGE);
      case INTERRUPT_RANGE -> ImmutableList.of(STRAY_INTERRUPT, NEVER_MAPPED);
      case INTERRUPT_FORM -> ImmutableList.of(FIRMWARE_INTERRUPT, STRAY_INTERRUPT);
      case INTERRUPT_ENTRY -> ImmutableList.of(INTERRUPT_LEFT, STRAY_INTERRUPT, FIRMWARE_INTERRUPT);
      case INTERRUPT_SOURCE -> ImmutableList.of(INTERRUPT_ID, STRAY_INTERRUPT);
      case OTHER -> ImmutableList.of(HARDWARE);
    };
  }
}
