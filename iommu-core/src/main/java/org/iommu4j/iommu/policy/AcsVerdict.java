package org.iommu4j.iommu.policy;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.pci.quirks.AcsFlags;

/**
 * Whether a function keeps its peers apart, and why.
 *
 * @param enabled whether all the flags asked for hold
 * @param missing the flags that do not
 * @param because the reason, with the function's address
 * @param source the kernel's file and function
 */
@Immutable
public record AcsVerdict(boolean enabled, int missing, String because, String source) {
  static AcsVerdict of(int missing, String because, String source) {
    return new AcsVerdict(missing == 0, missing, because, source);
  }

  @Override
  public String toString() {
    return because + (enabled ? "" : ", lacks " + AcsFlags.print(missing));
  }
}
