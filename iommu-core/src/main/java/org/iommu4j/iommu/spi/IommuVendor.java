package org.iommu4j.iommu.spi;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;

/**
 * A vendor of IOMMUs: the one type that a provider registers with {@link java.util.ServiceLoader},
 * and all that the core knows of a vendor.
 *
 * <p>Its driver comes in phases, each of which is had from the one before, so that no call can come
 * too early: {@link IommuBoot}, {@link IommuProbe}, {@link IommuDriver}.
 *
 * <p>Implementations must be stateless and thread-safe, and must have a public constructor without
 * arguments. All that belongs to one boot lives in the phases.
 */
public interface IommuVendor {
  /** The rank of a vendor that does not care: it comes last. */
  int LAST = 1000;

  /** Returns the vendor's name for people, such as {@code Example IOMMU}. */
  String name();

  /**
   * Returns the vendor's place in the order in which hardware is looked for, lower first; vendors
   * of one rank go by their names.
   *
   * <p>Source: {@code arch/x86/kernel/pci-dma.c:pci_iommu_alloc}.
   */
  default int rank() {
    return LAST;
  }

  /** Returns the boot parameters that the vendor's driver reads. */
  default VendorParameters parameters() {
    return VendorParameters.none();
  }

  /** Returns the signatures of the ACPI tables in which firmware describes the hardware. */
  default ImmutableSet<String> tableSignatures() {
    return ImmutableSet.of();
  }

  /** Returns what shows such a table to people and to programs, if anything does. */
  default Optional<TablePrinter> tablePrinter() {
    return Optional.empty();
  }

  /**
   * Returns what the lines begin with that the driver logs, blank included, such as {@code
   * "EXAMPLE: "}; {@link BootContext#log} takes no others. Lines of a recorded log that begin so
   * are compared with those of the boot.
   */
  default ImmutableList<String> logPrefixes() {
    return ImmutableList.of();
  }

  /** Returns the words of the vendor's own in which its machine's owner is given advice. */
  default VendorWords words() {
    return VendorWords.NONE;
  }

  /** Returns what reads the driver's lines about refused requests. */
  default FaultDecoder faultDecoder() {
    return FaultDecoder.NONE;
  }

  /**
   * Begins a boot: reads the vendor's own boot parameters and logs what the kernel logs of them.
   *
   * <p>A vendor whose firmware mark the machine lacks begins as well, and detects nothing.
   *
   * @return the driver's first phase, or empty if the driver is not modelled: then the boot goes on
   *     as if nobody had asked
   */
  Optional<IommuBoot> begin(BootContext context);
}
