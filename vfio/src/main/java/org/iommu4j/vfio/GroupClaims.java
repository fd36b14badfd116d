package org.iommu4j.vfio;

import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vfio.policy.DriverStanding;

/**
 * What keeps the host's drivers and user space out of each other's groups. Implementations are
 * thread-safe.
 */
interface GroupClaims {
  /**
   * Takes a group for user space, when it gets its container.
   *
   * @param claimant who takes it
   * @return 0 or a negative error number
   */
  int claim(IommuGroup group, Object claimant);

  /** Gives a group back to the host. */
  void release(IommuGroup group);

  /**
   * Returns whether user space may use a group.
   *
   * @param taken whether it is in a container
   */
  boolean isViable(IommuGroup group, boolean taken);

  /**
   * Notes that a driver is about to get a function.
   *
   * @return 0 or a negative error number
   */
  int beforeProbe(PciDevice device, DriverStanding standing);

  /** Notes that a driver has lost a function, or did not take it. */
  void afterRemoval(PciDevice device, DriverStanding standing);
}
