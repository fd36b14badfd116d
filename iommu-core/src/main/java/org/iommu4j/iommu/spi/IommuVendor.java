package org.iommu4j.iommu.spi;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.machine.CommandLine;
import org.iommu4j.iommu.machine.KernelConfig;
import org.iommu4j.iommu.policy.params.WordVerdict;

/**
 * A vendor of IOMMUs: the one type that a provider registers with {@link java.util.ServiceLoader}.
 *
 * <p>Implementations must be stateless and thread-safe, and must have a public constructor without
 * arguments. All that belongs to one boot lives in the {@link IommuDriver} that {@link #driver}
 * makes.
 */
public interface IommuVendor {
  /** Returns the vendor's name for people, such as {@code Intel VT-d}. */
  String name();

  /**
   * Judges each word of the command line that this vendor's driver reads.
   *
   * @return the verdicts in the order of the line; empty if no word is the vendor's
   */
  ImmutableList<WordVerdict> judge(CommandLine commandLine, KernelConfig config);

  /**
   * Returns the driver for one boot of a machine.
   *
   * <p>A vendor whose firmware mark the machine lacks returns a driver that detects nothing.
   */
  IommuDriver driver(BootContext context);
}
