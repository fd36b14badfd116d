package org.iommu4j.vfio;

import static com.google.common.base.Preconditions.checkState;

import org.iommu4j.base.Errno;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vfio.uapi.GroupStatus;

/**
 * An open {@code /dev/vfio/N}: a group of devices in the hands of user space.
 *
 * <p>Calls answer as the kernel does, with 0 or a negative error number. Any call on a closed file
 * throws {@link IllegalStateException}. Thread-safe.
 *
 * <p>Source: {@code drivers/vfio/vfio.c:vfio_group_fops}.
 */
public final class VfioGroup implements AutoCloseable {
  private final Vfio vfio;
  private final GroupState state;
  private boolean closed;

  VfioGroup(Vfio vfio, GroupState state) {
    this.vfio = vfio;
    this.state = state;
  }

  private synchronized GroupState state() {
    checkState(!closed, "the file of %s is closed", state.iommuGroup());
    return state;
  }

  /** Returns the group's number. */
  public int id() {
    return state.iommuGroup().id();
  }

  /**
   * Returns whether the group can be used, and whether it is: VFIO_GROUP_GET_STATUS.
   *
   * @return the status; with -ENODEV if the group has lost its last device to the host, as releases
   *     tell that claim groups
   */
  public GroupStatus status() {
    return state().status();
  }

  /**
   * Puts the group into a container; attaches it if the container has its IOMMU:
   * VFIO_GROUP_SET_CONTAINER.
   *
   * @return 0; -EINVAL if the group is in one; -ENODEV as in {@link #status}; or why it cannot be
   *     claimed or attached, such as -EPERM
   */
  public int setContainer(VfioContainer container) {
    return state().setContainer(container);
  }

  /**
   * Takes the group out of its container: VFIO_GROUP_UNSET_CONTAINER. Without groups, a container
   * loses its IOMMU and all mappings.
   *
   * @return 0; -EINVAL if the group is in none; -EBUSY while a device of it is open
   */
  public int unsetContainer() {
    int error = state().unsetContainer();
    vfio.drivers().retryUnbinding();
    return error;
  }

  /** Answers a call that is none of a group's. */
  public synchronized int unknownIoctl() {
    checkState(!closed, "the file of %s is closed", state.iommuGroup());
    return Errno.ENOTTY;
  }

  /**
   * Opens a device of the group: VFIO_GROUP_GET_DEVICE_FD.
   *
   * @return the device; -EINVAL if the container has no IOMMU or the group is not viable; -ENODEV
   *     if the group has no such device that is bound to a VFIO driver
   */
  public OpenResult<VfioDevice> openDevice(PciAddress address) {
    int error = state().openDevice(address);
    return error == 0
        ? OpenResult.of(new VfioDevice(vfio, state, address))
        : OpenResult.failed(error);
  }

  /**
   * Closes the file. The group leaves its container, unless a device of it is still open. Closing
   * again does nothing.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    state.close();
    vfio.drivers().retryUnbinding();
  }
}
