package org.iommu4j.vfio;

import static com.google.common.base.Preconditions.checkState;

import org.iommu4j.dma.BusMaster;
import org.iommu4j.machine.pci.PciAddress;

/**
 * An open device of a group: a device in the hands of user space. Thread-safe.
 *
 * <p>Source: {@code drivers/vfio/vfio.c:vfio_device_fops}.
 */
public final class VfioDevice implements AutoCloseable {
  private final Vfio vfio;
  private final GroupState group;
  private final PciAddress address;
  private boolean closed;

  VfioDevice(Vfio vfio, GroupState group, PciAddress address) {
    this.vfio = vfio;
    this.group = group;
    this.address = address;
  }

  /** Returns where the device is. */
  public PciAddress address() {
    return address;
  }

  /**
   * Returns the device's way to memory, through the IOMMU; what it reaches is what is mapped in its
   * group's container at the time.
   */
  public synchronized BusMaster busMaster() {
    checkState(!closed, "the file of %s is closed", address);
    return vfio.system().busMaster(address).orElseThrow();
  }

  /**
   * Closes the file. If neither another device of the group nor the group itself is open, the group
   * leaves its container. Closing again does nothing.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    group.closeDevice(address);
    vfio.drivers().retryUnbinding();
  }
}
