package org.iommu4j.vtd.policy;

import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.OpsChoice;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * Which DMA operations a device ends with. Immutable.
 *
 * @param remapping the operations that remap
 * @param bouncing the operations that bounce, for untrusted devices
 * @param noBounce whether {@code intel_iommu=nobounce} was said
 */
public record OpsPolicy(DmaOps remapping, DmaOps bouncing, boolean noBounce) {
  private static final Rule RULE = new Rule("dma-ops");
  private static final String SOURCE = "drivers/iommu/intel/iommu.c:intel_iommu_probe_finalize";

  /**
   * Chooses: an untrusted device bounces, one with a DMA domain is remapped, all others are mapped
   * directly.
   */
  public OpsChoice choose(PciDevice device, @Nullable DomainType domainType) {
    if (device.untrusted() && !noBounce) {
      return choice(bouncing, "untrusted: unaligned buffers bounce");
    }
    if (domainType == DomainType.DMA) {
      return choice(
          remapping, device.untrusted() ? "untrusted, but nobounce: remapped" : "remapped");
    }
    return choice(null, domainType == DomainType.IDENTITY ? "identity: direct" : "no domain");
  }

  private static OpsChoice choice(@Nullable DmaOps ops, String because) {
    String outcome = ops == null ? "NULL" : ops.symbol();
    return new OpsChoice(ops, Decision.of(RULE, outcome, SOURCE, because));
  }
}
