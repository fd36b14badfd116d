package org.iommu4j.iommu.release;

import org.iommu4j.base.Release;
import org.iommu4j.dma.DispatchRules;
import org.iommu4j.dma.DispatchRules.FreeBlocks;
import org.iommu4j.dma.DispatchRules.Syncing;
import org.iommu4j.iommu.domain.DomainTypes;
import org.iommu4j.iommu.domain.GroupRules;
import org.iommu4j.iommu.policy.DefaultDomainRules;
import org.iommu4j.iommu.policy.DefaultDomainRules.Agreement;
import org.iommu4j.iommu.policy.params.ParameterRules;
import org.iommu4j.iova.DepotRules;
import org.iommu4j.iova.IovaRules;
import org.iommu4j.machine.pci.quirks.PciQuirks;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.iommu4j.swiotlb.SlotSearch;
import org.iommu4j.swiotlb.SwiotlbRules;

/** Linux 6.12: 6.1, and what differs. */
public final class Linux612 {
  /** Its number. */
  public static final Release RELEASE = Release.of(6, 12, 117);

  /** {@code kernel/dma/mapping.c:dma_setup_need_sync}, {@code mm/dmapool.c:pool_block_pop}. */
  private static final DispatchRules DISPATCH =
      Linux61.RULES
          .dispatch()
          .withSyncing(Syncing.SKIPPED_UNTIL_BOUNCED)
          .withFreeBlocks(FreeBlocks.LISTED);

  /** {@code drivers/iommu/iova.c:IOVA_DEPOT_DELAY}. */
  private static final IovaRules IOVA =
      Linux61.RULES.iova().withDepot(new DepotRules(DepotRules.NO_LIMIT, true, 100));

  /** {@code kernel/dma/swiotlb.c:swiotlb_search_pool_area}, {@code swiotlb_tbl_map_single}. */
  private static final SwiotlbRules SWIOTLB =
      Linux61.RULES
          .swiotlb()
          .withSlotSearch(SlotSearch.FROM_INDEX)
          .withPlacement(SwiotlbRules.Placement.FROM_ALIGNED_SLOT)
          .withBounds(SwiotlbRules.Bounds.TO_END);

  /** {@code drivers/iommu/iommu.c:iommu_subsys_init}; no blank is left where nothing follows. */
  private static final DefaultDomainRules DEFAULT_DOMAIN =
      new DefaultDomainRules(
          DomainTypes.of(RELEASE),
          Linux61.RULES.defaultDomain().announcement(),
          Linux61.RULES.defaultDomain().strictness(),
          false,
          Agreement.JOIN,
          true);

  /**
   * {@code drivers/iommu/iommu.c:__iommu_group_set_domain_internal}, {@code __iommu_probe_device}.
   */
  private static final GroupRules GROUPS =
      Linux61.RULES
          .groups()
          .withFailedAttach(GroupRules.FailedAttach.TRIED_GO_BACK)
          .with(GroupRules.Trait.MAPS_BEFORE_LATE_ATTACH)
          .with(GroupRules.Trait.NEVER_BLOCKS_DIRECT);

  /** What it does. */
  public static final KernelRules RULES =
      Linux61.RULES
          .withRelease(RELEASE)
          .withDispatch(DISPATCH)
          .withIova(IOVA)
          .withSwiotlb(SWIOTLB)
          .withParameters(ParameterRules.of(RELEASE))
          .withQuirks(PciQuirks.of(RELEASE).withTrust(TrustRule.BEYOND_CONTROLLER))
          .withDefaultDomain(DEFAULT_DOMAIN)
          .withGroups(GROUPS);

  private Linux612() {}
}
