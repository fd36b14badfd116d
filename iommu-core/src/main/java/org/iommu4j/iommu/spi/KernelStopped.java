package org.iommu4j.iommu.spi;

import org.iommu4j.iommu.decision.Decision;

/** Thrown where the kernel would not go on; the core catches it and reports what came before. */
public final class KernelStopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes the end of a boot. */
  public KernelStopped(Decision decision) {
    super(decision.toString(), null, false, false);
  }
}
