package org.iommu4j.machine.lspci;

/** What a listing can leave out. */
public enum LspciGap {
  /** Vendor and device numbers are neither printed nor in a dump. */
  IDS,
  /** The class is neither printed as a number nor by a name that is known. */
  CLASS,
  /** Capabilities were not printed, for want of {@code -v} or of privileges. */
  CAPABILITIES,
  /** A function has an ACS or SR-IOV capability whose bits were not printed, for want of -vv. */
  CAPABILITY_BITS,
  /** A bridge is listed without its bus numbers. */
  BUS_NUMBERS,
  /** The configuration space was built from the text, not from a dump. */
  RECONSTRUCTED,
  /** The dump has only ones: the function was asleep or gone. */
  SILENT
}
