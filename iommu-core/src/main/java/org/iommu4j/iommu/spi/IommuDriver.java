package org.iommu4j.iommu.spi;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.OptionalInt;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * A vendor's IOMMU driver during one boot, called by the core in the kernel's order: {@link
 * #setUp}, {@link #detect}, {@link #prepareInterruptRemapping}, {@link #initialize}, then for every
 * device {@link #probeDevice} and so on, and {@link #started} at the end.
 *
 * <p>Implementations need not be thread-safe, but for {@link #attachDevice}, {@link #detachDevice},
 * {@link #allocDomain} and {@link #freeDomain}: groups and their domains change on any thread.
 *
 * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code
 * arch/x86/include/asm/iommu_table.h}.
 */
public interface IommuDriver {
  /** Reads the vendor's own boot parameters and logs what the kernel logs of them. */
  void setUp();

  /**
   * Looks for the hardware early in the boot.
   *
   * <p>Source: {@code drivers/iommu/intel/dmar.c:detect_intel_iommu}.
   */
  Detection detect();

  /**
   * Does what interrupt remapping, if it is wanted, does with the hardware before the IOMMU is
   * initialised; called whether or not the hardware was detected.
   *
   * <p>Source: {@code drivers/iommu/irq_remapping.c:irq_remapping_prepare}.
   *
   * @return whether interrupts are remapped from here on, with or without remapped DMA
   */
  Interrupts prepareInterruptRemapping();

  /**
   * Initialises the hardware; called once PCI was scanned, if {@link Detection#present}.
   *
   * @param defaultType the domain type that devices get if nothing else is said
   */
  Initialization initialize(DomainType defaultType);

  /** Called when every device was probed; not called unless {@link #initialize} was a success. */
  void started();

  /** Returns whether a unit translates this device, and which. */
  Coverage probeDevice(PciDevice device);

  /** Returns the domain type that this device demands, or one without a type if it has no wish. */
  DomainDemand domainDemand(PciDevice device);

  /** Returns the ranges of I/O addresses that are not to be mapped for this device. */
  ImmutableList<ReservedRegion> reservedRegions(PciDevice device);

  /**
   * Returns how many bits of an I/O address the device's unit translates, or nothing if no unit
   * translates the device, the facts do not tell, or the vendor does not say.
   */
  default OptionalInt addressBits(PciDevice device) {
    return OptionalInt.empty();
  }

  /**
   * Puts a device into its group's domain.
   *
   * @param mappedEnd the end of the highest region that is mapped one to one in the domain,
   *     exclusive; 0 if there is none
   * @return whether the device's unit translates that far; if it does not, the kernel gives up all
   *     groups
   */
  boolean attach(PciDevice device, long mappedEnd);

  /**
   * Chooses the DMA operations of a device whose group has its domain.
   *
   * @param domainType the type of the group's domain, or null if it has none
   */
  OpsChoice probeFinalize(PciDevice device, @Nullable DomainType domainType);

  /** Returns whether unmapping waits until the hardware has forgotten the mapping. */
  boolean isStrict();

  /**
   * Programs the hardware, as far as it is not to wait for the devices; called once, before the
   * first of the calls below, and not called unless {@link #initialize} was a success.
   *
   * <p>A boot only decides: what it costs to bring hardware up is spent when mappings are made.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:init_dmars}.
   *
   * @throws NoMemoryException if the machine has no memory for the units' tables
   */
  void programUnits();

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
}
