package org.iommu4j.vfio;

import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vfio.policy.DriverStanding;
import org.iommu4j.vfio.policy.ViabilityPolicy;
import org.iommu4j.vfio.policy.ViabilityRules;

/**
 * Nobody claims a group: VFIO looks each time which drivers its devices have, and the kernel stops
 * when one of the host gets a device of a group in use.
 *
 * <p>Source: {@code drivers/vfio/vfio.c:vfio_group_viable}, of 5.10.
 */
final class WatchedGroups implements GroupClaims {
  private final DriverBindings drivers;
  private final ViabilityRules rules;

  WatchedGroups(DriverBindings drivers, ViabilityRules rules) {
    this.drivers = drivers;
    this.rules = rules;
  }

  @Override
  public int claim(IommuGroup group, Object claimant) {
    return 0;
  }

  @Override
  public void release(IommuGroup group) {}

  @Override
  public boolean isViable(IommuGroup group, boolean taken) {
    return ViabilityPolicy.decide(
            group.members().stream()
                .filter(member -> !drivers.isUnbinding(member.address()))
                .map(drivers::member)
                .toList(),
            rules)
        .viable();
  }

  @Override
  public int beforeProbe(PciDevice device, DriverStanding standing) {
    return 0;
  }

  @Override
  public void afterRemoval(PciDevice device, DriverStanding standing) {}
}
