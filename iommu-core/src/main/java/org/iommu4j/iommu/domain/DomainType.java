package org.iommu4j.iommu.domain;

/**
 * What an IOMMU domain does with a device's addresses.
 *
 * <p>Source: {@code include/linux/iommu.h:IOMMU_DOMAIN_*}.
 */
public enum DomainType {
  /** Nothing gets through. */
  BLOCKED("blocked", "Blocked"),
  /** Addresses are what they are: passthrough. */
  IDENTITY("identity", "Passthrough"),
  /** Mappings are made by whoever owns the domain, such as VFIO. */
  UNMANAGED("unmanaged", "Unmanaged"),
  /** Mappings are made by the DMA API. */
  DMA("DMA", "Translated");

  private final String sysfsName;
  private final String logName;

  DomainType(String sysfsName, String logName) {
    this.sysfsName = sysfsName;
    this.logName = logName;
  }

  /** Returns the word in {@code /sys/kernel/iommu_groups/N/type}. */
  public String sysfsName() {
    return sysfsName;
  }

  /** Returns the word in the kernel's log. */
  public String logName() {
    return logName;
  }
}
