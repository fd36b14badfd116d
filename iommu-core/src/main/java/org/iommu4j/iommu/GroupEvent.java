package org.iommu4j.iommu;

/**
 * What happens to a device of a group.
 *
 * <p>A group's members are those of the boot: nothing is plugged in or out, so that the kernel's
 * events of a device that joins or leaves its group have no place here.
 *
 * <p>Source: {@code include/linux/iommu.h:IOMMU_GROUP_NOTIFY_*}.
 */
public enum GroupEvent {
  /** A driver is about to be bound to a device. */
  BIND_DRIVER,
  /** A driver was bound to a device. */
  BOUND_DRIVER,
  /** A driver is about to be unbound from a device. */
  UNBIND_DRIVER,
  /** A driver was unbound from a device. */
  UNBOUND_DRIVER
}
