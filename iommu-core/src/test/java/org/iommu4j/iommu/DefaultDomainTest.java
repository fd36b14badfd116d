package org.iommu4j.iommu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.iommu.release.Linux612;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DefaultDomainTest {
  private static final PciTopology PCI =
      new TopologyBuilder()
          .add("00:01.0", ConfigSpaces.plain())
          .add("00:02.0", ConfigSpaces.plain())
          .build();
  private static final PciDevice FIRST = TopologyBuilder.at(PCI, "00:01.0");
  private static final PciDevice SECOND = TopologyBuilder.at(PCI, "00:02.0");

  private static DefaultDomain of(KernelRules rules) {
    return new DefaultDomain(DomainType.DMA_FQ, "configuration", rules.defaultDomain());
  }

  private static DomainDemand demand(@Nullable DomainType type) {
    return new DomainDemand(
        type, "wanted", Decision.of(DomainDemand.RULE, "wish", "driver.c:def_domain_type"));
  }

  private static Map<PciDevice, DomainDemand> demands(
      @Nullable DomainType first, @Nullable DomainType second) {
    return ImmutableMap.of(FIRST, demand(first), SECOND, demand(second));
  }

  private static @Nullable DomainType chosen(
      KernelRules rules, @Nullable DomainType first, @Nullable DomainType second) {
    return of(rules).choose(demands(first, second), member -> false).type();
  }

  @Test
  void differentDemandsCancelIn61AndAreJoinedIn612() {
    assertEquals(DomainType.DMA_FQ, chosen(Linux61.RULES, DomainType.DMA, DomainType.IDENTITY));
    assertEquals(DomainType.IDENTITY, chosen(Linux612.RULES, DomainType.DMA, DomainType.IDENTITY));
    assertEquals(DomainType.IDENTITY, chosen(Linux612.RULES, DomainType.IDENTITY, DomainType.DMA));
  }

  @Test
  void aDemandOfOneMemberIsThatOfTheGroup() {
    assertEquals(DomainType.DMA, chosen(Linux61.RULES, null, DomainType.DMA));
    assertEquals(DomainType.DMA, chosen(Linux612.RULES, null, DomainType.DMA));
    assertEquals(DomainType.DMA_FQ, chosen(Linux612.RULES, null, null));
  }

  @Test
  void anUntrustedMemberIsNeverQueued() {
    DefaultDomain later = of(Linux612.RULES);
    assertEquals(
        DomainType.DMA, later.choose(demands(null, null), member -> member == SECOND).type());
    DefaultDomain before = of(Linux61.RULES);
    assertEquals(DomainType.DMA, before.demandOf(true, demand(DomainType.IDENTITY)).type());
    assertEquals(DomainType.IDENTITY, before.demandOf(false, demand(DomainType.IDENTITY)).type());
  }

  @Test
  void anUntrustedMemberWhoseGroupWantsIdentityIsRefusedIn612() {
    assertNull(
        of(Linux612.RULES)
            .choose(demands(DomainType.IDENTITY, null), member -> member == SECOND)
            .type());
  }

  @Test
  void aDriverCanOnlyTurnLazyIntoStrict() {
    DefaultDomain lazy = of(Linux61.RULES);
    assertEquals(DomainType.DMA, lazy.strict().globalType());
    DefaultDomain identity =
        new DefaultDomain(DomainType.IDENTITY, "", Linux61.RULES.defaultDomain());
    assertEquals(DomainType.IDENTITY, identity.strict().globalType());
  }
}
