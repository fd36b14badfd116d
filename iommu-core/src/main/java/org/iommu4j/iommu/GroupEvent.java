package org.iommu4j.iommu;

/**
 * What happens to a device of a group.
 *
 * <p>Source: {@code include/linux/iommu.h:IOMMU_GROUP_NOTIFY_*}.
 */
public enum GroupEvent {
  /** A device was added to the group. */
  ADD_DEVICE,
  /** A device is about to leave the group. */
  DEL_DEVICE,
  /** A driver is about to be bound to a device. */
  BIND_DRIVER,
  /** A driver was bound to a device. */
  BOUND_DRIVER,
  /** A driver is about to be unbound from a device. */
  UNBIND_DRIVER,
  /** A driver was unbound from a device. */
  UNBOUND_DRIVER
}
