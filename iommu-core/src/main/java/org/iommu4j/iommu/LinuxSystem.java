package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Comparator;
import java.util.Optional;
import java.util.ServiceLoader;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.machine.Machine;
import org.iommu4j.iommu.pci.PciAddress;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.UntrustedOpsProvider;

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
   * Boots Linux on a machine, with the vendors that {@link ServiceLoader} finds.
   *
   * @param machine the facts; nothing else is read
   * @throws IllegalStateException if no provider of operations for untrusted devices is there
   */
  public static LinuxSystem boot(Machine machine) {
    return boot(machine, vendors());
  }

  /** Boots Linux on a machine with these vendors, asked in this order. */
  public static LinuxSystem boot(Machine machine, Iterable<IommuVendor> vendors) {
    return new LinuxBoot(machine, vendors, untrustedOps()).run();
  }

  /** Returns the vendors that {@link ServiceLoader} finds, by name. */
  public static ImmutableList<IommuVendor> vendors() {
    return ImmutableList.sortedCopyOf(
        Comparator.comparing(IommuVendor::name), ServiceLoader.load(IommuVendor.class));
  }

  private static DmaOps untrustedOps() {
    return ServiceLoader.load(UntrustedOpsProvider.class)
        .findFirst()
        .map(UntrustedOpsProvider::ops)
        .orElseThrow(
            () -> new IllegalStateException("no provider of DMA operations for untrusted devices"));
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
