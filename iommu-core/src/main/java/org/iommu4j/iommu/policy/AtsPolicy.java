package org.iommu4j.iommu.policy;

import org.iommu4j.iommu.pci.PciDevice;
import org.iommu4j.iommu.pci.quirks.AtsQuirks;

/**
 * Whether a function may use the Address Translation Service (ATS): cache what the IOMMU answers.
 *
 * <p>Source: {@code drivers/pci/ats.c:pci_ats_supported}.
 */
public final class AtsPolicy {
  private static final int CAPABILITY_ATS = 0x0f;

  private AtsPolicy() {}

  /**
   * Decides for a function that is there at boot.
   *
   * @param disabled whether {@code pci=noats} is given
   */
  public static Support decide(PciDevice device, boolean disabled) {
    if (disabled) {
      return off("drivers/pci/ats.c:pci_ats_init", "pci=noats");
    }
    if (device.config().findExtendedCapability(CAPABILITY_ATS) == 0) {
      return off("drivers/pci/ats.c:pci_ats_init", device + " has no ATS capability");
    }
    if (AtsQuirks.disables(device.vendorId(), device.deviceId(), device.revision())) {
      return off(AtsQuirks.source(device.vendorId()), device + " is known to get it wrong");
    }
    return device.untrusted()
        ? off("drivers/pci/ats.c:pci_ats_supported", device + " is untrusted")
        : support(true, "drivers/pci/ats.c:pci_ats_supported", device + " has the capability");
  }

  private static Support off(String source, String because) {
    return support(false, source, because);
  }

  private static Support support(boolean supported, String source, String because) {
    String outcome = supported ? "supported" : "not supported";
    return new Support(supported, Decision.of("ats", outcome, source, because));
  }

  /**
   * Whether ATS may be used, and why.
   *
   * @param supported whether it may
   * @param decision the reason
   */
  public record Support(boolean supported, Decision decision) {}
}
