package org.iommu4j.iommu.fault;

/** Kinds of reasons for a refusal, whatever a vendor calls them. */
public enum FaultCondition {
  /** The page is not mapped, or is mapped without the right; the line does not tell which. */
  NOT_GRANTED,
  /** The page is not mapped. */
  NOT_MAPPED,
  /** The page is mapped without the right. */
  NO_RIGHT,
  /** The IOMMU has no tables for this requester. */
  NO_TABLES,
  /** The IOMMU has tables for the requester that make no sense. */
  BAD_TABLES,
  /** The address has more bits than are translated. */
  TOO_WIDE,
  /** A translation request, or one that claims to be translated, where none is allowed. */
  REQUEST_TYPE,
  /** The PASID is not known, or requests with one are not allowed. */
  NO_PASID,
  /** Kernel's memory asked for with user's rights, or an execution that is not allowed. */
  PRIVILEGE,
  /** A request for the interrupt range that is no interrupt. */
  INTERRUPT_RANGE,
  /** An interrupt in a form that remapping does not take. */
  INTERRUPT_FORM,
  /** An interrupt for an entry that is not there. */
  INTERRUPT_ENTRY,
  /** An interrupt that does not come from whom it should come. */
  INTERRUPT_SOURCE,
  /** None of these, or unknown. */
  OTHER
}
