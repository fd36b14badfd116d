package org.iommu4j.vtd.release;

import org.iommu4j.base.Release;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iova.SizeRounding;
import org.iommu4j.vtd.dma.DmaRules;
import org.iommu4j.vtd.driver.DriverRules;
import org.iommu4j.vtd.driver.FaultForm;
import org.iommu4j.vtd.policy.PolicyRules;

/** The Intel driver of Linux 5.10, which has DMA operations of its own. */
public final class Vtd510 {
  static final Release RELEASE = Linux510.RELEASE;

  /**
   * {@code drivers/iommu/intel/iommu.c:platform_optin_force_iommu}, {@code init_dmars}, {@code
   * register_pasid_allocator}.
   */
  private static final PolicyRules POLICY =
      new PolicyRules(
          PolicyRules.words(RELEASE),
          true,
          "DMAR: Disable batched IOTLB flush due to virtualization",
          "DMAR: VT-d Scalable Mode not enabled, no PASID allocation");

  /** {@code drivers/iommu/intel/dmar.c:dmar_fault_do_one}. */
  private static final DriverRules DRIVER = new DriverRules(FaultForm.DECIMAL_REASON);

  /** {@code drivers/iommu/intel/iommu.c:intel_alloc_iova}. */
  private static final DmaRules DMA = new DmaRules(SizeRounding.POWER_OF_TWO);

  /** What it does. */
  public static final VtdRules RULES = new VtdRules(POLICY, DRIVER, DMA);

  private Vtd510() {}
}
