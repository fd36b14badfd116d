package org.iommu4j.vtd.policy;

import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.DomainTypes;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.iommu4j.vtd.policy.PolicyRules.Trait;
import org.jspecify.annotations.Nullable;

/**
 * Which type of domain a device demands, in the order in which the driver asks. Immutable.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:device_def_domain_type}.
 *
 * @param rules what the release asks
 * @param trust which devices are untrusted
 * @param types the release's words
 * @param identity which devices are mapped one to one
 */
public record DomainDemands(
    PolicyRules rules, TrustRule trust, DomainTypes types, IdentityMapping identity) {
  private static final String SOURCE = "drivers/iommu/intel/iommu.c:device_def_domain_type";

  /**
   * Returns what a device demands.
   *
   * @param lookup the unit of each device
   */
  public DomainDemand of(PciDevice device, UnitLookup lookup) {
    if (rules.does(Trait.WANTS_UNTRUSTED_TRANSLATED) && device.untrusted(trust)) {
      return demand(DomainType.DMA, "untrusted: behind an external port");
    }
    if (!rules.does(Trait.MAPS_IDENTITY) && lacksPassThrough(device, lookup)) {
      return demand(DomainType.DMA, "its unit has no pass-through");
    }
    @Nullable String because = identity.becauseOf(device);
    return because == null
        ? DomainDemand.none(Decision.of(DomainDemand.RULE, "none", SOURCE))
        : demand(DomainType.IDENTITY, because);
  }

  private static boolean lacksPassThrough(PciDevice device, UnitLookup lookup) {
    return lookup
        .unitOf(device)
        .filter(found -> !found.unit().capabilities().passThrough())
        .isPresent();
  }

  private DomainDemand demand(DomainType type, String because) {
    Decision decision = Decision.of(DomainDemand.RULE, types.sysfsName(type), SOURCE, because);
    return new DomainDemand(type, because, decision);
  }
}
