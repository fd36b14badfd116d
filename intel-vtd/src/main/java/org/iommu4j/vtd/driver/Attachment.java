package org.iommu4j.vtd.driver;

import org.iommu4j.dma.Device;
import org.jspecify.annotations.Nullable;

/**
 * What the driver keeps with a device: its domain and how it is treated. Immutable.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct device_domain_info}.
 *
 * @param domain the domain that the device is attached to
 * @param space the domain's addresses, at hand for every mapping
 * @param unit the unit that translates for it
 * @param untrusted whether unmapping waits for the hardware whatever the domain does
 */
record Attachment(VtdDomain domain, AddressSpace space, VtdUnit unit, boolean untrusted) {
  static Attachment to(VtdDomain domain, VtdUnit unit, boolean untrusted) {
    return new Attachment(domain, domain.space(), unit, untrusted);
  }

  /** Returns what is kept with a device, or null if it is not attached. */
  static @Nullable Attachment of(Device device) {
    return device.iommuPrivate() instanceof Attachment attachment ? attachment : null;
  }
}
