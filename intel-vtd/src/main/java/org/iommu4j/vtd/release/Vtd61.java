package org.iommu4j.vtd.release;

import org.iommu4j.base.Release;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.iova.SizeRounding;
import org.iommu4j.vtd.dma.DmaRules;
import org.iommu4j.vtd.driver.DriverRules;
import org.iommu4j.vtd.driver.DriverRules.DriverTrait;
import org.iommu4j.vtd.driver.FaultForm;
import org.iommu4j.vtd.policy.PolicyRules;
import org.iommu4j.vtd.policy.PolicyRules.Trait;

/** The Intel driver of Linux 6.1, whose DMA operations are dma-iommu's. */
public final class Vtd61 {
  static final Release RELEASE = Linux61.RELEASE;

  /** {@code drivers/iommu/intel/iommu.c:intel_iommu_setup}, {@code intel_iommu_init}. */
  static final PolicyRules POLICY =
      Vtd510.RULES
          .policy()
          .withWords(PolicyRules.words(RELEASE))
          .withUnknownWord("DMAR: Unknown option - '%s'")
          .withStrictByCachingMode("DMAR: IOMMU batching disallowed due to virtualization")
          .without(Trait.OPT_IN_OVERRULES_IOMMU_OFF)
          .without(Trait.OWN_DMA_OPS)
          .without(Trait.WANTS_UNTRUSTED_TRANSLATED)
          .with(Trait.MEASURED_LAUNCH_NEEDS_TABLE)
          .with(Trait.REGISTERS_UNITS_ONE_BY_ONE)
          .with(Trait.DIES_RELEASING_UNATTACHED)
          .with(Trait.AUDITS_ABILITIES)
          .with(Trait.AUDITS_VIRTUAL_COMMANDS)
          .with(Trait.READS_SATC)
          .with(Trait.TAKES_UNITS_OF_FIRST_STAGE);

  /**
   * {@code drivers/iommu/intel/dmar.c:dmar_fault_do_one}, {@code
   * drivers/iommu/intel/iommu.c:intel_iommu_ops}, {@code si_domain_init}, {@code domain_exit}.
   */
  private static final DriverRules DRIVER =
      Vtd510.RULES
          .driver()
          .withFaults(FaultForm.HEXADECIMAL_REASON)
          .without(DriverTrait.OWN_DMA_OPS)
          .without(DriverTrait.MAPS_FRAME_AFTER_MEMORY)
          .without(DriverTrait.DETACHES_WHEN_FREED)
          .without(DriverTrait.ENABLES_CACHES_FOR_IDENTITY)
          .with(DriverTrait.ALWAYS_COHERENT)
          .with(DriverTrait.SCALABLE_MODE)
          .with(DriverTrait.FORBIDS_EXECUTION);

  /** {@code drivers/iommu/intel/iommu.c:intel_alloc_iova}. */
  private static final DmaRules DMA = new DmaRules(SizeRounding.POWER_OF_TWO);

  /** What it does. */
  public static final VtdRules RULES = new VtdRules(POLICY, DRIVER, DMA);

  private Vtd61() {}
}
