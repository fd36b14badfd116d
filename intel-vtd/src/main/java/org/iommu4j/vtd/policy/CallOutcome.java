package org.iommu4j.vtd.policy;

/** How a call into the kernel ends. */
public enum CallOutcome {
  /** It returns. */
  RETURNS,
  /** It never returns: the boot hangs there. */
  LOOPS_FOREVER,
  /** It stops at an assertion of the kernel: the boot dies there. */
  KERNEL_BUG
}
