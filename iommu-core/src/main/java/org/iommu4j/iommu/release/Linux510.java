package org.iommu4j.iommu.release;

import com.google.common.collect.ImmutableClassToInstanceMap;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.domain.DomainTypes;
import org.iommu4j.iommu.policy.DefaultDomainRules;
import org.iommu4j.iommu.policy.DetectionRules;
import org.iommu4j.iommu.policy.params.ParameterRules;
import org.iommu4j.iova.GapSearch;
import org.iommu4j.iova.IovaRules;
import org.iommu4j.machine.pci.quirks.PciQuirks;
import org.iommu4j.swiotlb.SlotSearch;
import org.iommu4j.swiotlb.SwiotlbRules;

/** Linux 5.10, with its stable updates as far as they were recorded. */
public final class Linux510 {
  /** Its number. */
  public static final Release RELEASE = Release.of(5, 10, 262);

  /** {@code include/linux/iova.h:IOVA_MAG_SIZE}, {@code MAX_GLOBAL_MAGS}. */
  private static final IovaRules IOVA = new IovaRules(128, 32, GapSearch.BELOW_LAST_PLACED);

  /** {@code include/linux/swiotlb.h:IO_TLB_DEFAULT_SIZE}, {@code IO_TLB_SEGSIZE}. */
  private static final SwiotlbRules SWIOTLB =
      new SwiotlbRules(64L << 20, 1, 128, SlotSearch.FROM_ROUNDED_INDEX);

  /** {@code arch/x86/kernel/pci-swiotlb.c:pci_swiotlb_detect_override} is the last to be asked. */
  private static final DetectionRules DETECTION = new DetectionRules(true);

  /** {@code drivers/iommu/iommu.c:iommu_subsys_init}; a blank is left where nothing follows. */
  private static final DefaultDomainRules DEFAULT_DOMAIN =
      new DefaultDomainRules(DomainTypes.of(RELEASE), "iommu: Default domain type: %s %s");

  /** What it does. */
  public static final KernelRules RULES =
      new KernelRules(
          RELEASE,
          IOVA,
          SWIOTLB,
          ParameterRules.of(RELEASE),
          PciQuirks.of(RELEASE),
          DETECTION,
          DEFAULT_DOMAIN,
          ImmutableClassToInstanceMap.of());

  private Linux510() {}
}
