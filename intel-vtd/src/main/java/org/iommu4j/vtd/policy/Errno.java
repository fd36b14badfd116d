package org.iommu4j.vtd.policy;

/** The kernel's error numbers that the code for the table returns, negative as it returns them. */
final class Errno {
  static final int ENOENT = -2;
  static final int EBUSY = -16;
  static final int ENODEV = -19;
  static final int EINVAL = -22;
  static final int ENOSPC = -28;

  private Errno() {}
}
