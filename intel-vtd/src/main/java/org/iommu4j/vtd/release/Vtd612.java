package org.iommu4j.vtd.release;

import org.iommu4j.base.Release;
import org.iommu4j.iommu.release.Linux612;
import org.iommu4j.iova.SizeRounding;
import org.iommu4j.vtd.dma.DmaRules;
import org.iommu4j.vtd.driver.DriverRules;
import org.iommu4j.vtd.driver.DriverRules.DriverTrait;
import org.iommu4j.vtd.policy.PolicyRules;
import org.iommu4j.vtd.policy.PolicyRules.Trait;

/** The Intel driver of Linux 6.12, whose DMA operations are dma-iommu's. */
public final class Vtd612 {
  static final Release RELEASE = Linux612.RELEASE;

  /** {@code drivers/iommu/intel/iommu.c:init_dmars}, {@code device_def_domain_type}. */
  private static final PolicyRules POLICY =
      Vtd61.POLICY
          .withWords(PolicyRules.words(RELEASE))
          .withoutPasidLine()
          .without(Trait.DIES_RELEASING_UNATTACHED)
          .without(Trait.AUDITS_VIRTUAL_COMMANDS)
          .without(Trait.MAPS_IDENTITY)
          .without(Trait.PASSES_GRAPHICS_THROUGH)
          .with(Trait.SURVIVES_FULL_SCOPES)
          .with(Trait.READS_REGISTER_SIZE)
          .withSources(
              new PolicyRules.Sources(
                  "drivers/iommu/intel/iommu.c:device_lookup_iommu",
                  "drivers/iommu/iommu.c:__iommu_device_set_domain"));

  /**
   * {@code drivers/iommu/intel/iommu.c:intel_iommu_attach_device}, {@code
   * prepare_domain_attach_device}, {@code domain_unmap}.
   */
  private static final DriverRules DRIVER =
      Vtd61.RULES
          .driver()
          .without(DriverTrait.KEEPS_LOCKED_DEVICES)
          .without(DriverTrait.TELLS_OF_MISFITS)
          .without(DriverTrait.FORBIDS_EXECUTION)
          .with(DriverTrait.STATIC_DOMAINS)
          .with(DriverTrait.BLOCKS_BEFORE_ATTACH)
          .with(DriverTrait.LEAVES_OUT_SUBDEVICES)
          .with(DriverTrait.ANSWERS_OUT_OF_REACH);

  /** {@code drivers/iommu/intel/iommu.c:intel_alloc_iova}. */
  private static final DmaRules DMA = new DmaRules(SizeRounding.POWER_OF_TWO);

  /** What it does. */
  public static final VtdRules RULES = new VtdRules(POLICY, DRIVER, DMA);

  private Vtd612() {}
}
