package org.iommu4j.vtd.policy;

import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.OpsChoice;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.iommu4j.vtd.policy.PolicyRules.Trait;
import org.jspecify.annotations.Nullable;

/**
 * Which DMA operations a device ends with. Immutable.
 *
 * @param own the driver's own operations, or null in releases where it has none
 * @param trust which devices are untrusted
 */
public record OpsPolicy(@Nullable Own own, TrustRule trust) {
  private static final Rule RULE = new Rule("dma-ops");
  private static final String SOURCE = "drivers/iommu/intel/iommu.c:intel_iommu_probe_finalize";
  private static final String CORE = "drivers/iommu/dma-iommu.c:iommu_setup_dma_ops";

  /**
   * The driver's own operations.
   *
   * @param remapping the operations that remap
   * @param bouncing the operations that bounce, for untrusted devices
   * @param noBounce whether {@code intel_iommu=nobounce} was said
   */
  public record Own(DmaOps remapping, DmaOps bouncing, boolean noBounce) {}

  /** Returns the policy of a release, which takes the driver's own operations or leaves them. */
  public static OpsPolicy of(PolicyRules rules, Own own, TrustRule trust) {
    return new OpsPolicy(rules.does(Trait.OWN_DMA_OPS) ? own : null, trust);
  }

  /**
   * Chooses. Where the driver has operations, an untrusted device bounces, one with a DMA domain is
   * remapped, all others are mapped directly. Elsewhere the domain's type alone decides.
   */
  public OpsChoice choose(PciDevice device, @Nullable DomainType domainType) {
    boolean untrusted = device.untrusted(trust);
    if (own == null) {
      return byCore(domainType, untrusted);
    }
    if (untrusted && !own.noBounce()) {
      return choice(own.bouncing(), "untrusted: unaligned buffers bounce");
    }
    if (domainType == DomainType.DMA) {
      return choice(own.remapping(), untrusted ? "untrusted, but nobounce: remapped" : "remapped");
    }
    return choice(null, direct(domainType));
  }

  private static OpsChoice byCore(@Nullable DomainType domainType, boolean untrusted) {
    if (domainType == null || !domainType.isDmaApi()) {
      return new OpsChoice(null, Decision.of(RULE, "NULL", CORE, direct(domainType)));
    }
    String because = untrusted ? "untrusted: unaligned buffers bounce" : "remapped";
    return OpsChoice.ofDmaIommu(Decision.of(RULE, "dma-iommu", CORE, because));
  }

  private static String direct(@Nullable DomainType domainType) {
    return domainType == DomainType.IDENTITY ? "identity: direct" : "no domain";
  }

  private static OpsChoice choice(@Nullable DmaOps ops, String because) {
    String outcome = ops == null ? "NULL" : ops.symbol();
    return new OpsChoice(ops, Decision.of(RULE, outcome, SOURCE, because));
  }
}
