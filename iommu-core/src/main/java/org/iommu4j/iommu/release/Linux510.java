package org.iommu4j.iommu.release;

import com.google.common.collect.ImmutableClassToInstanceMap;
import com.google.common.collect.ImmutableSet;
import org.iommu4j.base.Release;
import org.iommu4j.dma.DispatchRules;
import org.iommu4j.dma.DispatchRules.FreeBlocks;
import org.iommu4j.dma.DispatchRules.ListErrors;
import org.iommu4j.dma.DispatchRules.Resources;
import org.iommu4j.dma.DispatchRules.Syncing;
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
import org.iommu4j.swiotlb.SlotSearch;
import org.iommu4j.swiotlb.SwiotlbRules;

/** Linux 5.10, with its stable updates as far as they were recorded. */
public final class Linux510 {
  /** Its number. */
  public static final Release RELEASE = Release.of(5, 10, 262);

  /**
   * {@code kernel/dma/mapping.c:dma_map_resource}, {@code dma_map_sg_attrs}; {@code mm/dmapool.c}.
   */
  private static final DispatchRules DISPATCH =
      new DispatchRules(Resources.NO_MEMORY, ListErrors.UNTOLD, Syncing.ASKED, FreeBlocks.PAGEWISE);

  /** {@code include/linux/iova.h:IOVA_MAG_SIZE}, {@code MAX_GLOBAL_MAGS}. */
  private static final IovaRules IOVA =
      new IovaRules(128, new DepotRules(32, false, 0), GapSearch.BELOW_LAST_PLACED);

  /** {@code include/linux/swiotlb.h:IO_TLB_DEFAULT_SIZE}, {@code IO_TLB_SEGSIZE}. */
  private static final SwiotlbRules SWIOTLB =
      new SwiotlbRules(
          64L << 20,
          SwiotlbRules.Areas.ONE,
          128,
          SlotSearch.FROM_ROUNDED_INDEX,
          SwiotlbRules.Placement.IN_FIRST_SLOT,
          SwiotlbRules.Bounds.UNCHECKED,
          SwiotlbRules.Absence.LOOKED_FOR);

  /** {@code arch/x86/kernel/pci-swiotlb.c:pci_swiotlb_detect_override} is the last to be asked. */
  private static final DetectionRules DETECTION = new DetectionRules(true, false);

  /** {@code drivers/iommu/iommu.c:iommu_subsys_init}; a blank is left where nothing follows. */
  private static final DefaultDomainRules DEFAULT_DOMAIN =
      new DefaultDomainRules(
          DomainTypes.of(RELEASE),
          "iommu: Default domain type: %s",
          null,
          true,
          Agreement.CANCEL,
          false);

  /** {@code drivers/iommu/iommu.c:__iommu_attach_group}. */
  private static final GroupRules GROUPS =
      new GroupRules(GroupRules.FailedAttach.STAYS_HALF_DONE, ImmutableSet.of());

  /** What it does. */
  public static final KernelRules RULES =
      new KernelRules(
          RELEASE,
          DISPATCH,
          IOVA,
          SWIOTLB,
          ParameterRules.of(RELEASE),
          PciQuirks.of(RELEASE),
          DETECTION,
          DEFAULT_DOMAIN,
          GROUPS,
          ImmutableClassToInstanceMap.of());

  private Linux510() {}
}
