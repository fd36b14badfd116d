package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.policy.DetectionRules;
import org.iommu4j.iommu.spi.IommuVendor;

/** What the kernel's lines about DMA and the IOMMU begin with. */
public final class LogPrefixes {
  /** Begins a line about a PCI function, which may be about anything else as well. */
  private static final String FUNCTION = "pci ";

  private static final ImmutableList<String> CORE = ImmutableList.of("iommu: ", "PCI-DMA: ");

  /** Begins a line about the pool of bounce slots, which not all releases are asked for. */
  private static final String POOL = "software IO TLB: ";

  private LogPrefixes() {}

  /** Returns whether a line about the pool is among what a boot of these rules says. */
  public static boolean counts(String line, DetectionRules rules) {
    return rules.tellsOfPool() || !line.startsWith(POOL);
  }

  /**
   * Returns the beginnings of lines that are about DMA and the IOMMU whatever else they say: those
   * of the core, and those that these vendors hand in.
   */
  public static ImmutableList<String> of(Iterable<IommuVendor> vendors) {
    ImmutableList.Builder<String> prefixes = ImmutableList.builder();
    prefixes.addAll(CORE).add(POOL);
    vendors.forEach(vendor -> prefixes.addAll(vendor.logPrefixes()));
    return prefixes.build();
  }

  /** Returns whether a line is one of the core's. */
  static boolean isCores(String line) {
    return line.startsWith(FUNCTION)
        || line.startsWith(POOL)
        || CORE.stream().anyMatch(line::startsWith);
  }

  /** Returns whether a vendor's driver may log a line. */
  static boolean isOf(IommuVendor vendor, String line) {
    return isCores(line) || vendor.logPrefixes().stream().anyMatch(line::startsWith);
  }
}
