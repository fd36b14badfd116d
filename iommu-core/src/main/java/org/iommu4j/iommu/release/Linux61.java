package org.iommu4j.iommu.release;

import org.iommu4j.base.Release;
import org.iommu4j.dma.DispatchRules;
import org.iommu4j.dma.DispatchRules.ListErrors;
import org.iommu4j.dma.DispatchRules.Resources;
import org.iommu4j.iommu.domain.DomainTypes;
import org.iommu4j.iommu.domain.GroupRules;
import org.iommu4j.iommu.policy.DefaultDomainRules;
import org.iommu4j.iommu.policy.DefaultDomainRules.Agreement;
import org.iommu4j.iommu.policy.DetectionRules;
import org.iommu4j.iommu.policy.params.ParameterRules;
import org.iommu4j.iova.DepotRules;
import org.iommu4j.iova.GapSearch;
import org.iommu4j.iova.IovaRules;
import org.iommu4j.machine.pci.quirks.PciQuirks;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.iommu4j.swiotlb.SwiotlbRules;

/** Linux 6.1: 5.10, and what differs. */
public final class Linux61 {
  /** Its number. */
  public static final Release RELEASE = Release.of(6, 1, 192);

  /** {@code kernel/dma/mapping.c:dma_map_resource}, {@code dma_map_sgtable}. */
  private static final DispatchRules DISPATCH =
      Linux510.RULES.dispatch().withResources(Resources.ALL).withListErrors(ListErrors.TOLD);

  /**
   * {@code drivers/iommu/iova.c:IOVA_MAG_SIZE}, {@code __alloc_and_insert_iova_range}, {@code
   * free_global_cached_iovas}.
   */
  private static final IovaRules IOVA =
      Linux510.RULES
          .iova()
          .withMagazineRanges(127)
          .withGapSearch(GapSearch.BELOW_LAST_PLACED_THEN_ABOVE)
          .withDepot(new DepotRules(32, true, 0));

  /**
   * {@code kernel/dma/swiotlb.c:swiotlb_find_slots}, {@code swiotlb_bounce}, {@code
   * is_swiotlb_active}.
   */
  private static final SwiotlbRules SWIOTLB =
      Linux510.RULES
          .swiotlb()
          .withAreas(SwiotlbRules.Areas.ONE_A_CPU)
          .withBounds(SwiotlbRules.Bounds.FROM_OFFSET)
          .withAbsence(SwiotlbRules.Absence.KNOWN);

  /** {@code drivers/iommu/iommu.c:iommu_subsys_init}. */
  private static final DefaultDomainRules DEFAULT_DOMAIN =
      new DefaultDomainRules(
          DomainTypes.of(RELEASE),
          Linux510.RULES.defaultDomain().announcement(),
          "iommu: DMA domain TLB invalidation policy: %s mode",
          true,
          Agreement.CANCEL_ASKING_TRUST_FIRST,
          false);

  /**
   * {@code arch/x86/kernel/pci-dma.c:pci_iommu_alloc}; {@code
   * kernel/dma/swiotlb.c:swiotlb_adjust_nareas}.
   */
  private static final DetectionRules DETECTION = new DetectionRules(false, true);

  /** {@code drivers/iommu/iommu.c:__iommu_attach_group}, {@code iommu_group_claim_dma_owner}. */
  private static final GroupRules GROUPS =
      Linux510.RULES
          .groups()
          .withFailedAttach(GroupRules.FailedAttach.ALL_GO_BACK)
          .with(GroupRules.Trait.HAS_OWNERS)
          .with(GroupRules.Trait.MAPS_DIRECT_RUNS);

  /** What it does. */
  public static final KernelRules RULES =
      Linux510.RULES
          .withRelease(RELEASE)
          .withDispatch(DISPATCH)
          .withIova(IOVA)
          .withSwiotlb(SWIOTLB)
          .withParameters(ParameterRules.of(RELEASE))
          .withQuirks(PciQuirks.of(RELEASE).withTrust(TrustRule.BEYOND_CONTROLLER))
          .withDetection(DETECTION)
          .withDefaultDomain(DEFAULT_DOMAIN)
          .withGroups(GROUPS);

  private Linux61() {}
}
