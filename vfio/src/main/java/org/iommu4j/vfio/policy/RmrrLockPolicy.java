package org.iommu4j.vfio.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.ReservedRegion;
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
  private static final String SOURCE = "drivers/iommu/intel/iommu.c:device_is_rmrr_locked";
  private static final String LINE =
      "Device is ineligible for IOMMU domain attach due to platform RMRR requirement.  Contact"
          + " your platform vendor.";

  private RmrrLockPolicy() {}

  /**
   * Decides for a device.
   *
   * @param regions the device's own reserved regions, not those of its group
   */
  public static RmrrLock decide(PciDevice device, Iterable<ReservedRegion> regions) {
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
    return new RmrrLock(
        locked,
        locked ? ImmutableList.of(LINE) : ImmutableList.of(),
        new Decision(
            RULE,
            locked ? "stays with the host" : "free",
            facts.isEmpty() ? ImmutableList.of("firmware reserves nothing for " + device) : facts,
            SOURCE));
  }

  /**
   * Whether firmware keeps a device with the host.
   *
   * @param locked whether it does: attaching answers with -EPERM
   * @param log the kernel's lines about the device, without its name
   * @param decision the reason
   */
  @Immutable
  public record RmrrLock(boolean locked, ImmutableList<String> log, Decision decision) {}
}
