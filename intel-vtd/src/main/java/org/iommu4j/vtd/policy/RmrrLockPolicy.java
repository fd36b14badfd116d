package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainLock;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Whether firmware's memory reservations (RMRRs) keep a device with the host: a device with one
 * that is not relaxable joins no domain but the kernel's own.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:device_is_rmrr_locked}, {@code
 * intel_iommu_attach_device}.
 */
public final class RmrrLockPolicy {
  private static final Rule RULE = new Rule("rmrr-lock");
  private static final String CLAIM = "RMRR";

  private RmrrLockPolicy() {}

  /**
   * Decides for a device.
   *
   * @param regions the device's own reserved regions, not those of its group
   * @param source the kernel's function that refuses
   */
  public static DomainLock decide(
      PciDevice device, Iterable<ReservedRegion> regions, String source) {
    ImmutableList.Builder<String> because = ImmutableList.builder();
    boolean locked = false;
    for (ReservedRegion region : regions) {
      if (region.type().isDirect()) {
        boolean relaxable = region.type() == ReservedRegion.Type.DIRECT_RELAXABLE;
        because.add(
            String.format(
                "firmware wants 0x%x to 0x%x mapped for %s%s",
                region.first(), region.last(), device, relaxable ? ", relaxable" : ""));
        locked |= !relaxable;
      }
    }
    ImmutableList<String> facts = because.build();
    return new DomainLock(
        locked,
        CLAIM,
        new Decision(
            RULE,
            locked ? "stays with the host" : "free",
            facts.isEmpty() ? ImmutableList.of("firmware reserves nothing for " + device) : facts,
            source));
  }
}
