package org.iommu4j.vtd.driver;

import org.iommu4j.dma.Device;
import org.jspecify.annotations.Nullable;

/**
 * What the driver keeps with a device: its domain and how it is treated. Immutable.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct device_domain_info}.
 *
 * @param domain the domain that the device is attached to
 * @param cookie the domain's, at hand for every mapping; null if its owner maps it
 * @param unit the unit that translates for it
 * @param untrusted whether unmapping waits for the hardware whatever the domain does
 */
public record Attachment(
    VtdDomain domain, @Nullable IovaCookie cookie, VtdUnit unit, boolean untrusted) {
  static Attachment to(VtdDomain domain, VtdUnit unit, boolean untrusted) {
    return new Attachment(domain, domain.cookie(), unit, untrusted);
  }

  /** Returns what is kept with a device, or null if it is not attached. */
  public static @Nullable Attachment of(Device device) {
    return device.iommuPrivate() instanceof Attachment attachment ? attachment : null;
  }

  /** Returns what the domain translates an I/O address to; 0 if to nothing. */
  public long iovaToPhys(long iova) {
    return domain.iovaToPhys(iova);
  }
}
