package org.iommu4j.vtd.release;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.ModuleRules;
import org.iommu4j.vtd.dma.DmaRules;
import org.iommu4j.vtd.driver.DriverRules;
import org.iommu4j.vtd.policy.PolicyRules;

/**
 * What a release's Intel driver does, a record for each package that it rules.
 *
 * @param policy what is decided while the machine boots
 * @param driver what the driver does afterwards
 * @param dma what its own DMA operations do
 */
@Immutable
public record VtdRules(PolicyRules policy, DriverRules driver, DmaRules dma)
    implements ModuleRules {
  /**
   * Returns what the driver does in a kernel: what its rules say of it, else what its release does.
   *
   * @throws IllegalArgumentException if neither is known
   */
  public static VtdRules of(KernelRules kernel) {
    return kernel.of(VtdRules.class).orElseGet(() -> of(kernel.release()));
  }

  private static VtdRules of(Release release) {
    if (release.isSameSeries(Vtd510.RELEASE)) {
      return Vtd510.RULES;
    }
    if (release.isSameSeries(Vtd61.RELEASE)) {
      return Vtd61.RULES;
    }
    if (release.isSameSeries(Vtd612.RELEASE)) {
      return Vtd612.RULES;
    }
    throw new IllegalArgumentException("VT-d is not known as Linux " + release + " has it");
  }
}
