package org.iommu4j.iommu.policy;

import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.AtsQuirks;
import org.iommu4j.machine.pci.quirks.PciQuirks;

/**
 * Whether a function may use the Address Translation Service (ATS): cache what the IOMMU answers.
 *
 * <p>Source: {@code drivers/pci/ats.c:pci_ats_supported}.
 */
public final class AtsPolicy {
  private static final Rule RULE = new Rule("ats");
  private static final int CAPABILITY_ATS = 0x0f;
  private static final int QUEUE_DEPTH = 0x1f;
  private static final int PAGE_ALIGNED = 1 << 5;
  private static final int MAX_QUEUE_DEPTH = 32;

  private AtsPolicy() {}

  /**
   * Decides for a function that is there at boot.
   *
   * @param disabled whether {@code pci=noats} is given
   * @param quirks who is known to get it wrong
   */
  public static Support decide(PciDevice device, boolean disabled, PciQuirks quirks) {
    if (disabled) {
      return off("drivers/pci/ats.c:pci_ats_init", "pci=noats");
    }
    if (device.config().findExtendedCapability(CAPABILITY_ATS) == 0) {
      return off("drivers/pci/ats.c:pci_ats_init", device + " has no ATS capability");
    }
    for (AtsQuirks.Row row : quirks.ats()) {
      if (row.matches(device.vendorId(), device.deviceId(), device.revision())) {
        return off(row.source(), device + " is known to get it wrong");
      }
    }
    return device.untrusted(quirks.trust())
        ? off("drivers/pci/ats.c:pci_ats_supported", device + " is untrusted")
        : support(true, "drivers/pci/ats.c:pci_ats_supported", device + " has the capability");
  }

  /**
   * Returns how many invalidations a function takes at a time, 1 to 32; 0 if it shares its queue
   * with others.
   *
   * <p>Source: {@code drivers/pci/ats.c:pci_ats_queue_depth}.
   */
  public static int queueDepth(PciDevice device) {
    if (device.isVirtualFunction()) {
      return 0;
    }
    int depth = register(device) & QUEUE_DEPTH;
    return depth == 0 ? MAX_QUEUE_DEPTH : depth;
  }

  /**
   * Returns whether a function asks for translations of whole pages of 4096 bytes only.
   *
   * <p>Source: {@code drivers/pci/ats.c:pci_ats_page_aligned}.
   */
  public static boolean isPageAligned(PciDevice device) {
    return (register(device) & PAGE_ALIGNED) != 0;
  }

  private static int register(PciDevice device) {
    int capability = device.config().findExtendedCapability(CAPABILITY_ATS);
    return capability == 0 ? 0 : device.config().readWord(capability + 4);
  }

  private static Support off(String source, String because) {
    return support(false, source, because);
  }

  private static Support support(boolean supported, String source, String because) {
    String outcome = supported ? "supported" : "not supported";
    return new Support(supported, Decision.of(RULE, outcome, source, because));
  }

  /**
   * Whether ATS may be used, and why.
   *
   * @param supported whether it may
   * @param decision the reason
   */
  public record Support(boolean supported, Decision decision) {}
}
