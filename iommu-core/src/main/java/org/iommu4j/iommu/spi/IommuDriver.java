package org.iommu4j.iommu.spi;

import java.util.Optional;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * A vendor's IOMMU driver at work: its units are programmed, and calls about domains go to them.
 *
 * <p>Thread-safe: groups and their domains change on any thread.
 *
 * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}.
 */
public interface IommuDriver {
  /**
   * Makes a domain, or returns the one that all identity-mapped devices share.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code domain_alloc}.
   *
   * @return the domain, or null if the vendor has none of this type or memory ran out
   */
  @Nullable IommuDomain allocDomain(DomainType type);

  /**
   * Frees a domain and all that it holds; the one that all identity-mapped devices share stays.
   * Devices that are still attached have no domain then.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code domain_free}.
   */
  void freeDomain(IommuDomain domain);

  /**
   * Attaches a device to a domain, from whichever it is attached to.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code attach_dev}.
   *
   * @return 0 or a negative error number
   */
  int attachDevice(IommuDomain domain, PciDevice pci, Device device);

  /**
   * Detaches a device from its domain; it then reaches nothing.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code detach_dev}.
   */
  void detachDevice(IommuDomain domain, PciDevice pci, Device device);

  /**
   * Returns whether all of the system's units can do something.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code capable}.
   */
  default boolean capable(IommuCapability capability) {
    return false;
  }

  /** Turns translation on, when all devices of the boot have their domains. */
  void enableTranslation();

  /** Returns a device's way to memory through the vendor's hardware. */
  BusMaster busMaster(PciDevice device);

  /**
   * Shows how the hardware's tables lead from a device and an I/O address to memory; nothing is
   * cached and no fault is recorded.
   *
   * @return the walk, or nothing if no unit translates the device or the vendor shows no walks
   */
  default Optional<TableWalk> walk(PciDevice device, long iova) {
    return Optional.empty();
  }

  /**
   * Returns what the hardware was told of a device, and the table that it walks.
   *
   * @return nothing if no unit lets the device through, or the vendor does not say
   */
  default Optional<HardwareEntry> hardwareEntry(PciDevice device) {
    return Optional.empty();
  }
}
