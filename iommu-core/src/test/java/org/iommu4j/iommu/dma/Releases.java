package org.iommu4j.iommu.dma;

import org.iommu4j.iommu.dma.release.DmaReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.iommu.release.Linux612;

/** The rules of three kernels. */
enum Releases {
  LINUX_5_10(Linux510.RULES),
  LINUX_6_1(Linux61.RULES),
  LINUX_6_12(Linux612.RULES);

  final KernelRules kernel;
  final DmaIommuRules rules;

  Releases(KernelRules kernel) {
    this.kernel = kernel;
    this.rules = DmaReleases.rules(kernel);
  }
}
