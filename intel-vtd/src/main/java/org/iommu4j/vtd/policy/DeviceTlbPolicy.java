package org.iommu4j.vtd.policy;

import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.policy.AtsPolicy;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.PciQuirks;
import org.iommu4j.vtd.hw.format.Capabilities;

/** Whether a function caches the translations of its unit, and how it is told to forget them. */
public final class DeviceTlbPolicy {
  private static final String SUPPORT = "drivers/iommu/intel/iommu.c:dmar_insert_one_dev_info";
  private static final Rule RULE = new Rule("device-tlb");
  private static final String ENABLE = "drivers/iommu/intel/iommu.c:iommu_enable_dev_iotlb";

  private DeviceTlbPolicy() {}

  /**
   * What is decided about a function. Immutable.
   *
   * @param allowed whether its context entry lets translation requests through
   * @param enabled whether its cache is on, and so has to be flushed
   * @param queueDepth how many invalidations it takes at a time, 0 if it shares its queue
   * @param physicalFunctionId the requester id that stands for it where the unit counts pending
   *     invalidations, else 0
   * @param decision the reason
   */
  public record Outcome(
      boolean allowed, boolean enabled, int queueDepth, int physicalFunctionId, Decision decision) {
    static Outcome off(Decision decision) {
      return new Outcome(false, false, 0, 0, decision);
    }
  }

  /**
   * Decides for a function that a page table translates for.
   *
   * @param unit what the unit can do; it is driven by a queue if it has one
   * @param lookup which ports the firmware's table has
   * @param atsDisabled whether {@code pci=noats} is given
   * @param quirks who is known to get translations wrong
   */
  public static Outcome decide(
      PciDevice device,
      Capabilities unit,
      UnitLookup lookup,
      boolean atsDisabled,
      PciQuirks quirks) {
    if (!unit.deviceTlb()) {
      return off(SUPPORT, "the unit knows no device TLBs (ECAP.DT)");
    }
    AtsPolicy.Support ats = AtsPolicy.decide(device, atsDisabled, quirks);
    if (!ats.supported()) {
      return Outcome.off(ats.decision());
    }
    if (!lookup.mayCacheTranslations(device)) {
      return off(
          "drivers/iommu/intel/iommu.c:dmar_find_matched_atsr_unit",
          "the root port above " + device + " is in no ATSR, or a conventional bus is between");
    }
    if (!unit.queuedInvalidation()) {
      return off(
          "drivers/iommu/intel/iommu.c:iommu_support_dev_iotlb",
          "the unit has no invalidation queue (ECAP.QI)");
    }
    boolean enabled = isEnabled(device, quirks);
    int physicalFunction =
        unit.throttlesDeviceTlb() ? device.physicalFunction().address().requesterId() : 0;
    String because = enabled ? device + " has ATS" : device + " does not ask for whole pages";
    return new Outcome(
        true,
        enabled,
        AtsPolicy.queueDepth(device),
        physicalFunction,
        Decision.of(RULE, enabled ? "on" : "allowed, off", ENABLE, because));
  }

  // drivers/pci/ats.c:pci_enable_ats: a virtual function needs a physical one that is on.
  private static boolean isEnabled(PciDevice device, PciQuirks quirks) {
    return AtsPolicy.isPageAligned(device)
        && AtsPolicy.isPageAligned(device.physicalFunction())
        && !device.physicalFunction().untrusted(quirks.trust());
  }

  private static Outcome off(String source, String because) {
    return Outcome.off(Decision.of(RULE, "off", source, because));
  }
}
