package org.iommu4j.testkit;

import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.MachineBuilder;

/**
 * What the kit has to know of a vendor to test it: the one hook of every contract and invariant.
 *
 * <p>A vendor with several modes of working (strict and lazy, with and without a queue) has a
 * fixture for each. Implementations must be stateless.
 */
public interface VendorFixture {
  /** Returns the vendor. */
  IommuVendor vendor();

  /**
   * Adds the vendor's firmware mark to a machine: one unit that translates {@link
   * KitMachine#DEVICE} and {@link KitMachine#OTHER}, of which the latter has {@link
   * KitMachine#DIRECT} mapped one to one.
   */
  void mark(MachineBuilder machine);

  /** Returns what the kernel does that the vendor is tested in. */
  default KernelRules rules() {
    return KernelReleases.usual();
  }

  /** Returns the words of the command line that turn translation on. */
  String commandLine();

  /**
   * Returns how many levels the page table of a domain has, 9 bits of the page's number each, its
   * root included; 1 for a flat table.
   */
  int pageTableLevels();

  /** Returns whether 2 MiB of memory are mapped by one entry where they are aligned. */
  boolean mapsLargePages();

  /**
   * Returns whether a device may also read what it was only let write to.
   *
   * <p>Linux 5.10 sets a bit in each VT-d entry that the hardware takes for the right to read.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:__domain_mapping}.
   */
  default boolean writeOnlyIsReadable() {
    return false;
  }

  /**
   * Returns whether a device that is still attached to a domain is taken from it when the domain is
   * freed; else the kernel warns, and what the device then reaches is nobody's promise.
   */
  default boolean detachesFreedDomains() {
    return true;
  }
}
