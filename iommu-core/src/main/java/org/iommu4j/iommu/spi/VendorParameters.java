package org.iommu4j.iommu.spi;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;

/**
 * A vendor's own boot parameters.
 *
 * <p>Implementations must be stateless, must never throw, whatever the line holds, and must judge
 * every word of every parameter that {@link #names} lists, and no other.
 */
public interface VendorParameters {
  /** Returns the names of the parameters, without equals signs, as documented. */
  ImmutableList<String> names();

  /** Returns a verdict for each word of these parameters, in the order of the line. */
  ImmutableList<WordVerdict> judge(CommandLine line, KernelConfig config);

  /** Returns the parameters of a vendor that has none. */
  static VendorParameters none() {
    return NoParameters.INSTANCE;
  }

  /** No parameters at all. */
  enum NoParameters implements VendorParameters {
    /** The only one. */
    INSTANCE;

    @Override
    public ImmutableList<String> names() {
      return ImmutableList.of();
    }

    @Override
    public ImmutableList<WordVerdict> judge(CommandLine line, KernelConfig config) {
      return ImmutableList.of();
    }
  }
}
