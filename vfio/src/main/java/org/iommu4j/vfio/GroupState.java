package org.iommu4j.vfio;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vfio.policy.GroupMember;
import org.iommu4j.vfio.policy.ViabilityPolicy;
import org.iommu4j.vfio.policy.ViabilityRules;
import org.iommu4j.vfio.type1.Type1Iommu;
import org.jspecify.annotations.Nullable;

/**
 * A group that VFIO knows, because a device of it is bound to a VFIO driver.
 *
 * <p>Thread-safe. Its lock is taken before a container's.
 *
 * <p>Source: {@code drivers/vfio/vfio.c:struct vfio_group}.
 */
final class GroupState {
  private final IommuGroup iommuGroup;
  private final DriverBindings drivers;
  private final ViabilityRules viability;

  /** How often each registered device is open. */
  @GuardedBy("this") private final Map<PciAddress, Integer> opens = new HashMap<>();

  /** How many keep the group in its container: its own file, and each open device. */
  @GuardedBy("this") private int containerUsers;

  @GuardedBy("this") private boolean opened;

  @GuardedBy("this") private @Nullable VfioContainer container;

  GroupState(IommuGroup iommuGroup, DriverBindings drivers, ViabilityRules viability) {
    this.viability = viability;
    this.iommuGroup = iommuGroup;
    this.drivers = drivers;
  }

  IommuGroup iommuGroup() {
    return iommuGroup;
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_register_group_dev}. */
  synchronized void register(PciAddress device) {
    opens.put(device, 0);
  }

  /** Returns whether a device is open, or is the last of a group that is in a container. */
  synchronized boolean isHeld(PciAddress device) {
    return opens.getOrDefault(device, 0) > 0 || (opens.size() == 1 && container != null);
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_unregister_group_dev}. */
  synchronized void unregister(PciAddress device) {
    opens.remove(device);
  }

  /** Returns whether the group is of no more use: no device is registered, nobody has it open. */
  synchronized boolean isUnused() {
    return opens.isEmpty() && !opened;
  }

  synchronized boolean isLive() {
    return containerUsers > 0;
  }

  synchronized @Nullable VfioContainer container() {
    return container;
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_group_fops_open}. */
  synchronized int open() {
    if (opened || container != null) {
      return Errno.EBUSY;
    }
    opened = true;
    return 0;
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_group_fops_release}. */
  synchronized void close() {
    leaveContainerIfLast();
    opened = false;
  }

  @GuardedBy("this") private void leaveContainerIfLast() {
    if (containerUsers > 0 && --containerUsers == 0) {
      leaveContainer();
    }
  }

  @GuardedBy("this") private void leaveContainer() {
    if (container != null) {
      container.remove(this);
      container = null;
    }
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_group_set_container}. */
  synchronized int setContainer(VfioContainer to) {
    if (containerUsers > 0) {
      return Errno.EINVAL;
    }
    int error = to.add(this);
    if (error == 0) {
      container = to;
      containerUsers = 1;
    }
    return error;
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_group_unset_container}. */
  synchronized int unsetContainer() {
    if (containerUsers != 1) {
      return containerUsers == 0 ? Errno.EINVAL : Errno.EBUSY;
    }
    containerUsers = 0;
    leaveContainer();
    return 0;
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_group_viable}. */
  boolean isViable() {
    return ViabilityPolicy.decide(
            iommuGroup.members().stream()
                .filter(member -> !drivers.isUnbinding(member.address()))
                .map(
                    member ->
                        new GroupMember(
                            member.address(),
                            member.headerType(),
                            drivers.driver(member.address())))
                .toList(),
            viability)
        .viable();
  }

  /** Returns how many devices of the group are bound to a VFIO driver. */
  synchronized int deviceCount() {
    return opens.size();
  }

  /**
   * Returns the IOMMU of the group's container, for a driver in the kernel; nothing if the group is
   * not in use.
   *
   * <p>Source: {@code drivers/vfio/vfio.c:vfio_group_add_container_user}.
   */
  synchronized Optional<Type1Iommu> usedIommu() {
    return containerUsers > 0 && container != null && isViable()
        ? container.iommu()
        : Optional.empty();
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_group_get_device_fd}. */
  synchronized int openDevice(PciAddress device) {
    if (container == null || !container.hasIommu() || !isViable()) {
      return Errno.EINVAL;
    }
    if (!opens.containsKey(device)) {
      return Errno.ENODEV;
    }
    opens.merge(device, 1, Integer::sum);
    containerUsers++;
    return 0;
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_device_fops_release}. */
  synchronized void closeDevice(PciAddress device) {
    leaveContainerIfLast();
    opens.computeIfPresent(device, (key, count) -> count - 1);
  }
}
