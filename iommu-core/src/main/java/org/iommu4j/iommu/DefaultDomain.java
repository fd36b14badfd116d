package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.Map;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.DomainTypes;
import org.iommu4j.iommu.policy.DefaultDomainPolicy;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the type of a group's default domain from the wishes of its members. Immutable.
 *
 * @param globalType the type of a group whose members have no wish
 * @param globalSource who set that type
 * @param types the words of the release
 */
record DefaultDomain(DomainType globalType, String globalSource, DomainTypes types) {
  private static final String AT_BOOT = "drivers/iommu/iommu.c:probe_alloc_default_domain";
  private static final String HOT_ADDED = "drivers/iommu/iommu.c:iommu_alloc_default_domain";

  /**
   * The type of a group's domain, and why.
   *
   * @param summary why in a few words
   */
  record Choice(DomainType type, String summary, Decision decision) {}

  /**
   * Chooses for a group whose members were all there at boot.
   *
   * <p>Two members that demand different types cancel each other out, and any later demand is
   * measured against none.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:probe_get_default_domain_type}.
   */
  Choice choose(Map<PciDevice, DomainDemand> demands) {
    ImmutableList.Builder<String> because = ImmutableList.builder();
    PciDevice first = null;
    DomainType agreed = null;
    for (Map.Entry<PciDevice, DomainDemand> entry : demands.entrySet()) {
      DomainType wish = entry.getValue().type();
      if (wish == null) {
        continue;
      }
      because.add(entry.getKey() + " demands " + types.sysfsName(wish));
      if (agreed != null && agreed != wish) {
        because.add("which is not what " + first + " demands: the default is taken");
        agreed = null;
      }
      if (first == null) {
        first = entry.getKey();
        agreed = wish;
      }
    }
    DomainDemand demand = first == null ? null : demands.get(first);
    return choice(agreed, demand, because, AT_BOOT);
  }

  /** Chooses for a group whose first member appears after boot. */
  Choice alone(PciDevice device, DomainDemand demand) {
    ImmutableList.Builder<String> because = ImmutableList.builder();
    DomainType wish = demand.type();
    if (wish != null) {
      because.add(device + " demands " + types.sysfsName(wish));
    }
    return choice(wish, demand, because, HOT_ADDED);
  }

  /** Says that a device which appears after boot takes the domain that its group has. */
  Choice joins(int groupId, DomainType type) {
    Decision decision =
        Decision.of(
            DefaultDomainPolicy.RULE,
            types.sysfsName(type),
            HOT_ADDED,
            "group " + groupId + " has its domain already");
    return new Choice(type, "the group's domain", decision);
  }

  private Choice choice(
      @Nullable DomainType agreed,
      @Nullable DomainDemand demand,
      ImmutableList.Builder<String> because,
      String source) {
    DomainType type = agreed == null ? globalType : agreed;
    if (agreed == null) {
      because.add(
          "the machine's default is " + types.sysfsName(globalType) + " (" + globalSource + ")");
    }
    String summary =
        agreed == null || demand == null ? "default: " + globalSource : demand.summary();
    return new Choice(
        type,
        summary,
        new Decision(DefaultDomainPolicy.RULE, types.sysfsName(type), because.build(), source));
  }
}
