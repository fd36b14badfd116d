package org.iommu4j.vtd.policy;

import org.iommu4j.iommu.decision.Reason;

/** Why VT-d translates nothing. */
public enum OffReason implements Reason {
  /** The kernel is built without the driver. */
  NO_DRIVER("no driver (CONFIG_INTEL_IOMMU)"),
  /** Firmware has no table. */
  NO_TABLE("no DMAR table"),
  /** A unit of the table cannot be there. */
  BAD_UNIT("the DMAR table has a bad unit"),
  /** The table cannot be read to its end, or has no unit. */
  BAD_TABLE("the DMAR table is not usable"),
  /** A device scope of the table leads astray. */
  BAD_SCOPE("a device scope of the DMAR table is wrong"),
  /** All units have scalable mode, and no stage of translation in common. */
  NO_COMMON_STAGE("the units have no stage of translation in common"),
  /** The vendor's own parameter or the build turns it off. */
  DRIVER_OFF("intel_iommu is off"),
  /** The parameter for all vendors turns it off. */
  ALL_OFF("iommu=off");

  private final String words;

  OffReason(String words) {
    this.words = words;
  }

  @Override
  public String words() {
    return words;
  }
}
