package org.iommu4j.iommu.domain;

import com.google.errorprone.annotations.Immutable;

/**
 * A range of I/O addresses that the DMA API must not hand out.
 *
 * @param first the first address
 * @param last the last address, inclusive as in sysfs
 * @param type why it is reserved
 */
@Immutable
public record ReservedRegion(long first, long last, Type type) {
  /**
   * Why a region is reserved, in the kernel's order.
   *
   * <p>Source: {@code include/linux/iommu.h:enum iommu_resv_type}.
   */
  public enum Type {
    /** Firmware wants it mapped one to one at all times. */
    DIRECT("direct"),
    /** Firmware wants it mapped one to one, but a device may be assigned without. */
    DIRECT_RELAXABLE("direct-relaxable"),
    /** It is not usable. */
    RESERVED("reserved"),
    /** Message-signalled interrupts go there. */
    MSI("msi");

    private final String sysfsName;

    Type(String sysfsName) {
      this.sysfsName = sysfsName;
    }

    /** Returns whether the region is mapped one to one for the DMA API. */
    public boolean isDirect() {
      return this == DIRECT || this == DIRECT_RELAXABLE;
    }

    /** Returns the word in {@code /sys/kernel/iommu_groups/N/reserved_regions}. */
    public String sysfsName() {
      return sysfsName;
    }
  }

  /** Returns the line that sysfs has for this region. */
  public String toSysfsLine() {
    return String.format("0x%016x 0x%016x %s", first, last, type.sysfsName());
  }
}
