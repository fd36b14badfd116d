package org.iommu4j.vfio;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vfio.policy.HandoverRules;
import org.iommu4j.vfio.policy.HandoverRules.Trait;
import org.iommu4j.vfio.type1.Type1Iommu;
import org.iommu4j.vfio.uapi.GroupStatus;
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
  private final GroupClaims claims;
  private final HandoverRules rules;

  /** How often each registered device is open. */
  @GuardedBy("this") private final Map<PciAddress, Integer> opens = new HashMap<>();

  /** How many keep the group in its container: its own file, and each open device. */
  @GuardedBy("this") private int containerUsers;

  @GuardedBy("this") private boolean opened;

  @GuardedBy("this") private @Nullable VfioContainer container;

  GroupState(IommuGroup iommuGroup, GroupClaims claims, HandoverRules rules) {
    this.iommuGroup = iommuGroup;
    this.claims = claims;
    this.rules = rules;
  }

  IommuGroup iommuGroup() {
    return iommuGroup;
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_register_group_dev}. */
  synchronized void register(PciAddress device) {
    opens.put(device, 0);
  }

  /** Returns whether a device is open, or is one that its group in a container waits for. */
  synchronized boolean isHeld(PciAddress device) {
    boolean last = opens.size() == 1 && container != null;
    return opens.getOrDefault(device, 0) > 0
        || (last && !rules.does(Trait.LEAVES_WITH_LAST_DEVICE));
  }

  /**
   * Source: {@code drivers/vfio/vfio.c:vfio_unregister_group_dev}; of 6.1 {@code
   * drivers/vfio/vfio_main.c:vfio_device_remove_group}.
   */
  synchronized void unregister(PciAddress device) {
    opens.remove(device);
    if (opens.isEmpty() && rules.does(Trait.LEAVES_WITH_LAST_DEVICE)) {
      containerUsers = 0;
      leaveContainer();
    }
  }

  /** Returns whether whoever has the group open has the files of a group that is no more. */
  @GuardedBy("this") private boolean isGone() {
    return opens.isEmpty() && rules.does(Trait.LEAVES_WITH_LAST_DEVICE);
  }

  /** Returns whether the group can no longer be opened, and is forgotten. */
  synchronized boolean isUnused() {
    return opens.isEmpty() && (!opened || isGone());
  }

  /** Takes the group from the host's drivers; 0 or a negative error number. */
  int claim() {
    return claims.claim(iommuGroup, this);
  }

  /** Gives the group back to the host's drivers. */
  void release() {
    claims.release(iommuGroup);
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
    if (containerUsers > 0 || isGone()) {
      return containerUsers > 0 ? Errno.EINVAL : Errno.ENODEV;
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

  /** Source: {@code drivers/vfio/vfio.c:vfio_group_fops_unl_ioctl}, {@code vfio_group_viable}. */
  synchronized GroupStatus status() {
    if (isGone()) {
      return new GroupStatus(Errno.ENODEV, false, false);
    }
    return new GroupStatus(0, isViable(), container != null);
  }

  /** Returns whether the host leaves the group alone, or user space has it already. */
  @GuardedBy("this") private boolean isViable() {
    return claims.isViable(iommuGroup, container != null);
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

  /**
   * Source: {@code drivers/vfio/vfio.c:vfio_group_get_device_fd}; of 6.1 {@code
   * drivers/vfio/vfio_main.c:vfio_group_ioctl_get_device_fd}.
   */
  synchronized int openDevice(PciAddress device) {
    boolean known = opens.containsKey(device);
    if (!known && rules.does(Trait.CLAIMS_GROUPS)) {
      return Errno.ENODEV;
    }
    if (container == null || !container.hasIommu() || !isViable()) {
      return Errno.EINVAL;
    }
    if (!known) {
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
