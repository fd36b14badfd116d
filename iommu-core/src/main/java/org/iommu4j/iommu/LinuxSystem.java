package org.iommu4j.iommu;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.machine.Machine;
import org.iommu4j.iommu.pci.PciAddress;

/**
 * A machine on which Linux was booted: its devices as the kernel leaves them, and why.
 *
 * <p>The report and the set of devices are immutable; a {@link Device} is thread-safe.
 */
public final class LinuxSystem {
  private final BootReport report;
  private final ImmutableMap<PciAddress, Device> devices;

  LinuxSystem(BootReport report, ImmutableMap<PciAddress, Device> devices) {
    this.report = report;
    this.devices = devices;
  }

  /**
   * Boots Linux on a machine, with the vendors that {@link java.util.ServiceLoader} finds.
   *
   * @param machine the facts; nothing else is read
   */
  public static LinuxSystem boot(Machine machine) {
    throw new UnsupportedOperationException();
  }

  /** Returns what was decided, and why. */
  public BootReport report() {
    return report;
  }

  /** Returns the devices by address, each with its DMA operations set. */
  public ImmutableMap<PciAddress, Device> devices() {
    return devices;
  }

  /** Returns the device at this address, if there is one. */
  public Optional<Device> device(PciAddress address) {
    return Optional.ofNullable(devices.get(address));
  }
}
