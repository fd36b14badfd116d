package org.iommu4j.testkit.invariants;

/** How far a device reaches that has a buffer mapped. */
public enum Isolation {
  /** All memory: nothing stands between. */
  NONE,
  /** The pages that the buffer touches, and no others. */
  PAGES,
  /** The buffer's own bytes, and zeros after them. */
  BYTES
}
