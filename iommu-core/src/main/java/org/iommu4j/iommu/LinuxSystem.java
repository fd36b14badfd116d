package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Comparator;
import java.util.Optional;
import java.util.ServiceLoader;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPools;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciAddress;

/**
 * A machine on which Linux was booted: its devices as the kernel leaves them, and why.
 *
 * <p>The report and the set of devices are immutable; a {@link Device} is thread-safe.
 */
public final class LinuxSystem {
  private final BootReport report;
  private final ImmutableMap<PciAddress, Device> devices;
  private final LiveSystem live;

  LinuxSystem(BootReport report, ImmutableMap<PciAddress, Device> devices, LiveSystem live) {
    this.report = report;
    this.devices = devices;
    this.live = live;
  }

  /**
   * Boots the Linux that a machine ran on it, or the nearest that is modelled, with the vendors
   * that {@link ServiceLoader} finds.
   *
   * @param machine the facts; nothing else is read
   */
  public static LinuxSystem boot(Machine machine) {
    return boot(machine, BootOptions.of(machine));
  }

  /** Boots the Linux that a machine ran on it, with these vendors, asked in this order. */
  public static LinuxSystem boot(Machine machine, Iterable<IommuVendor> vendors) {
    return boot(machine, BootOptions.of(machine).withVendors(vendors));
  }

  /** Boots Linux on a machine. */
  public static LinuxSystem boot(Machine machine, BootOptions options) {
    return new LinuxBoot(machine, options).run();
  }

  /** Returns the vendors that {@link ServiceLoader} finds, by rank and then by name. */
  public static ImmutableList<IommuVendor> vendors() {
    return ImmutableList.sortedCopyOf(
        Comparator.comparingInt(IommuVendor::rank).thenComparing(IommuVendor::name),
        ServiceLoader.load(IommuVendor.class));
  }

  /** Returns what the kernel that was booted does. */
  public KernelRules rules() {
    return live.services().rules();
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

  /**
   * Returns the DMA API of this system. The first call of this or one of the methods below brings
   * the hardware up.
   */
  public DmaMapping dma() {
    return live.dma();
  }

  /** Returns the pools of small coherent blocks that this system's drivers make. */
  public DmaPools dmaPools() {
    return live.pools();
  }

  /** Returns the way to memory of the device at this address, if there is one. */
  public Optional<BusMaster> busMaster(PciAddress address) {
    return live.busMaster(address);
  }

  /**
   * Returns the domain that the device at this address is attached to, if any.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_get_domain_for_dev}.
   */
  public Optional<IommuDomain> domain(PciAddress address) {
    return live.iommu().domainForDevice(address);
  }

  /** Returns the IOMMU API of this system. */
  public IommuApi iommu() {
    return live.iommu();
  }

  /**
   * Shows how the hardware's tables lead from the device at this address and an I/O address to
   * memory; nothing if no IOMMU translates the device.
   */
  public Optional<TableWalk> walk(PciAddress address, long iova) {
    return live.walk(address, iova);
  }

  /**
   * Returns what the hardware was told of the device at this address, and the table that it walks;
   * nothing if no unit lets the device through.
   */
  public Optional<HardwareEntry> hardwareEntry(PciAddress address) {
    return live.hardwareEntry(address);
  }

  /** Returns the memory, the time and what else the system's parts share. */
  public SystemServices services() {
    return live.services();
  }

  /** Returns what the kernel printed since the last call, or since the boot. */
  public ImmutableList<String> takeLog() {
    return live.takeLog();
  }
}
