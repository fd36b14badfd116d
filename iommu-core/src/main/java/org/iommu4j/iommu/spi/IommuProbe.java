package org.iommu4j.iommu.spi;

import com.google.common.collect.ImmutableList;
import java.util.OptionalInt;
import java.util.function.Function;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.policy.GroupChoice;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * A vendor's IOMMU driver whose hardware is to translate: what it decides of each device. The core
 * asks for {@link #coverage} and {@link #group} of all devices, then for the rest group by group,
 * and says {@link #probed} at the end.
 *
 * <p>Nothing here is programmed: a boot only decides. All methods but {@link #registering}, {@link
 * #releasing}, {@link #probed} and {@link #start} are functions of the machine's facts: they answer
 * the same at all times and on all threads, and are asked again while the system runs.
 *
 * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}.
 */
public interface IommuProbe {
  /** Returns whether unmapping waits until the hardware has forgotten the mapping. */
  boolean isStrict();

  /**
   * Returns the units in the order in which they are registered; none in releases where the bus is
   * probed once, for the devices of all units.
   */
  default ImmutableList<UnitRegistration> registrations() {
    return ImmutableList.of();
  }

  /** Is told that a unit is about to be registered, and logs what the driver logs then. */
  default void registering(UnitRegistration unit) {}

  /**
   * Is told that a unit's devices are taken back, one of which was never attached to a domain.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code release_device}.
   *
   * @throws KernelStopped if that is more than the driver survives
   */
  default void releasing(UnitRegistration unit) {}

  /**
   * Returns whether a unit translates this device, and which.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code probe_device}.
   */
  Coverage coverage(PciDevice device);

  /**
   * Returns the group that a device joins: that of all PCI functions unless the vendor knows
   * better.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code device_group}.
   *
   * @param device a device that is covered and in no group yet
   * @param pci groups functions by topology, ACS and aliases
   * @param groups the number of the group that a device is in, or empty
   */
  default GroupChoice group(
      PciDevice device, GroupPolicy pci, Function<PciDevice, OptionalInt> groups) {
    return pci.choose(device, groups);
  }

  /**
   * Returns the domain type that this device demands, or one without a type if it has no wish.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code def_domain_type}.
   */
  default DomainDemand domainDemand(PciDevice device) {
    return DomainDemand.none(
        Decision.of(DomainDemand.RULE, "none", "drivers/iommu/iommu.c:iommu_get_def_domain_type"));
  }

  /**
   * Returns the ranges of I/O addresses that are not to be mapped for this device.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code get_resv_regions}.
   */
  default ImmutableList<ReservedRegion> reservedRegions(PciDevice device) {
    return ImmutableList.of();
  }

  /**
   * Returns how many bits of an I/O address the device's unit translates, or nothing if no unit
   * translates the device, the facts do not tell, or the vendor does not say.
   */
  default OptionalInt addressBits(PciDevice device) {
    return OptionalInt.empty();
  }

  /**
   * Returns whether the driver keeps a device from all domains but the kernel's own; {@link
   * IommuDriver#attachDevice} keeps to it.
   */
  default DomainLock domainLock(PciDevice device) {
    return DomainLock.FREE;
  }

  /**
   * Returns whether a device can be put into its group's domain.
   *
   * @param mappedEnd the end of the highest region that is mapped one to one in the domain,
   *     exclusive; 0 if there is none
   * @return whether the device's unit translates that far; if it does not, the kernel gives up all
   *     groups
   */
  default boolean canAttach(PciDevice device, long mappedEnd) {
    return true;
  }

  /**
   * Chooses the DMA operations of a device whose group has its domain.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code probe_finalize}.
   *
   * @param domainType the type of the group's domain, or null if it has none
   */
  OpsChoice probeFinalize(PciDevice device, @Nullable DomainType domainType);

  /**
   * Returns whether the vendor's words say that no device asks for addresses below 4 GiB first.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_forcedac}.
   */
  default boolean isDacForced() {
    return false;
  }

  /** Is told that every device was probed, and logs what the driver logs then. */
  default void probed() {}

  /**
   * Programs the hardware, as far as it is not to wait for the devices. What it costs to bring
   * hardware up is spent here, when mappings are first made.
   *
   * <p>Called once, or again after a call that failed.
   *
   * @return the driver at work
   * @throws NoMemoryException if the machine has no memory for the units' tables
   */
  IommuDriver start();
}
