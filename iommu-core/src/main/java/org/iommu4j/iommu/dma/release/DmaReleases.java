package org.iommu4j.iommu.dma.release;

import org.iommu4j.iommu.dma.DmaIommuRules;
import org.iommu4j.iommu.release.KernelRules;

/** The releases of which it is known what dma-iommu does there. */
public final class DmaReleases {
  private DmaReleases() {}

  /**
   * Returns what dma-iommu does in a kernel: what its rules say of that, else what its release
   * does.
   *
   * @throws IllegalArgumentException if neither is known
   */
  public static DmaIommuRules rules(KernelRules kernel) {
    return kernel.of(DmaIommuRules.class).orElseGet(() -> ofSeries(kernel));
  }

  private static DmaIommuRules ofSeries(KernelRules kernel) {
    return switch (kernel.release().series()) {
      case "5.10" -> Dma510.RULES;
      case "6.1" -> Dma61.RULES;
      case "6.12" -> Dma612.RULES;
      default ->
          throw new IllegalArgumentException(
              "dma-iommu is known as Linux 5.10, 6.1 and 6.12 have it, and not as "
                  + kernel.release());
    };
  }
}
