package org.iommu4j.vtd.hw;

import org.iommu4j.vtd.hw.format.FaultReason;

/** What a request does to memory. */
public enum Access {
  /** A memory read. */
  READ(FaultReason.READ_DENIED),
  /** A memory write. */
  WRITE(FaultReason.WRITE_DENIED);

  private final FaultReason denied;

  Access(FaultReason denied) {
    this.denied = denied;
  }

  /** Returns the reason of a fault where page tables do not grant this access. */
  public FaultReason denied() {
    return denied;
  }
}
