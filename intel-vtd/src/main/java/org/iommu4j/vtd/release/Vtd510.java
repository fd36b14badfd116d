package org.iommu4j.vtd.release;

import com.google.common.collect.Sets;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iova.SizeRounding;
import org.iommu4j.vtd.dma.DmaRules;
import org.iommu4j.vtd.driver.DriverRules;
import org.iommu4j.vtd.driver.DriverRules.DriverTrait;
import org.iommu4j.vtd.driver.FaultForm;
import org.iommu4j.vtd.policy.PolicyRules;
import org.iommu4j.vtd.policy.PolicyRules.Trait;

/** The Intel driver of Linux 5.10, which has DMA operations of its own. */
public final class Vtd510 {
  static final Release RELEASE = Linux510.RELEASE;

  /** {@code drivers/iommu/intel/iommu.c:init_dmars}, {@code register_pasid_allocator}. */
  private static final PolicyRules POLICY =
      new PolicyRules(
          PolicyRules.words(RELEASE),
          null,
          "DMAR: Disable batched IOTLB flush due to virtualization",
          "DMAR: VT-d Scalable Mode not enabled, no PASID allocation",
          Sets.immutableEnumSet(
              Trait.OPT_IN_OVERRULES_IOMMU_OFF,
              Trait.OWN_DMA_OPS,
              Trait.WANTS_UNTRUSTED_TRANSLATED,
              Trait.MAPS_IDENTITY,
              Trait.PASSES_GRAPHICS_THROUGH),
          new PolicyRules.Sources(
              "drivers/iommu/intel/iommu.c:device_to_iommu",
              "drivers/iommu/intel/iommu.c:device_is_rmrr_locked"));

  /** {@code drivers/iommu/intel/dmar.c:dmar_fault_do_one}. */
  private static final DriverRules DRIVER =
      new DriverRules(
          FaultForm.DECIMAL_REASON,
          Sets.immutableEnumSet(
              DriverTrait.OWN_DMA_OPS,
              DriverTrait.MAPS_FRAME_AFTER_MEMORY,
              DriverTrait.KEEPS_LOCKED_DEVICES,
              DriverTrait.TELLS_OF_MISFITS,
              DriverTrait.DETACHES_WHEN_FREED,
              DriverTrait.ENABLES_CACHES_FOR_IDENTITY));

  /** {@code drivers/iommu/intel/iommu.c:intel_alloc_iova}. */
  private static final DmaRules DMA = new DmaRules(SizeRounding.POWER_OF_TWO);

  /** What it does. */
  public static final VtdRules RULES = new VtdRules(POLICY, DRIVER, DMA);

  private Vtd510() {}
}
