package org.iommu4j.iommu.spi;

import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.machine.CommandLine;

/**
 * A vendor's IOMMU driver while the kernel has not begun with devices: the core calls {@link
 * #detect}, {@link #prepareInterrupts} and, if the hardware was detected, {@link #initialize}, each
 * at most once and in this order, of all vendors before the next.
 *
 * <p>Not thread-safe: booting is one thread's work.
 *
 * <p>Source: {@code arch/x86/include/asm/iommu_table.h}.
 */
public interface IommuBoot {
  /**
   * Looks for the hardware early in the boot; not called if a bounce pool ends the search.
   *
   * <p>Source: {@code arch/x86/kernel/pci-dma.c:pci_iommu_alloc}.
   */
  Detection detect();

  /**
   * Returns whether the driver, when it detects its hardware, asks PCI to enable ACS on the buses
   * scanned later, if this machine is booted with another command line. Has no effect.
   *
   * <p>Source: {@code drivers/pci/pci.c:pci_request_acs}.
   *
   * @param line the command line, which may be that of this boot
   * @param parameters what is read from it that does not belong to a vendor
   * @return whether it asks; false if it would not detect its hardware
   */
  default boolean asksForAcs(CommandLine line, KernelParameters parameters) {
    return false;
  }

  /**
   * Does what interrupt remapping, if it is wanted, does with the hardware before the IOMMU is
   * initialised; called whether or not the hardware was detected.
   *
   * <p>Source: {@code drivers/iommu/irq_remapping.c:irq_remapping_prepare}.
   *
   * @return whether interrupts are remapped from here on, with or without remapped DMA
   */
  default Interrupts prepareInterrupts() {
    return Interrupts.notRemapped(
        "drivers/iommu/irq_remapping.c:irq_remapping_prepare", "the driver cannot remap them");
  }

  /**
   * Initialises the hardware once PCI was scanned.
   *
   * @param defaultType the domain type that devices get if nothing else is said
   */
  Initialization initialize(DomainType defaultType);

  /**
   * Returns whether the driver asks for unmapping that waits until the hardware has forgotten the
   * mapping before any hardware is initialised: what holds where none is, and in releases where
   * that is a matter of the domains' type.
   */
  default boolean isStrict() {
    return false;
  }
}
