package org.iommu4j.vtd.policy;

import org.iommu4j.machine.pci.PciBus;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * Which devices the driver wants mapped one to one.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:device_def_domain_type}.
 *
 * @param graphics why display devices are mapped one to one, or null if they are translated
 * @param integratedGpu why the integrated GPU is mapped one to one, or null if it is translated
 * @param isochronousAudio why the isochronous audio device is mapped one to one, or null
 */
public record IdentityMapping(
    @Nullable String graphics, @Nullable String integratedGpu, @Nullable String isochronousAudio) {
  private static final int INTEL = 0x8086;
  private static final int AZALIA = 0x3a3e;

  /** Returns why a device is mapped one to one, or null if nothing demands that. */
  @Nullable String becauseOf(PciDevice device) {
    if (isochronousAudio != null && device.vendorId() == INTEL && device.deviceId() == AZALIA) {
      return isochronousAudio;
    }
    if (graphics != null && device.isDisplay()) {
      return graphics;
    }
    return isIntegratedGpu(device) ? integratedGpu : null;
  }

  private static boolean isIntegratedGpu(PciDevice device) {
    PciBus bus = device.bus();
    return device.isDisplay() && device.vendorId() == INTEL && bus.isRoot();
  }
}
