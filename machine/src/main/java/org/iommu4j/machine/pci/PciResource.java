package org.iommu4j.machine.pci;

import com.google.errorprone.annotations.Immutable;

/**
 * One line of a function's {@code resource} file: a range that the function decodes.
 *
 * @param start the first address
 * @param end the last address, inclusive as in sysfs
 * @param flags the kernel's {@code IORESOURCE_*} bits
 */
@Immutable
public record PciResource(long start, long end, long flags) {
  private static final long IORESOURCE_MEM = 0x200;
  private static final long IORESOURCE_MEM_64 = 0x10_0000;

  /** Returns whether the range lies in memory space and is in use. */
  public boolean isMemory() {
    return flags != 0 && (flags & IORESOURCE_MEM) != 0;
  }

  /** Returns whether the range lies in memory space and may lie above 4 GiB. */
  public boolean is64Bit() {
    return isMemory() && (flags & IORESOURCE_MEM_64) != 0;
  }
}
