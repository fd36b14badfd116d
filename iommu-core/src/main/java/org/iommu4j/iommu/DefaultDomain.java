package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.Map;
import java.util.function.Predicate;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.DefaultDomainPolicy;
import org.iommu4j.iommu.policy.DefaultDomainRules;
import org.iommu4j.iommu.policy.DefaultDomainRules.Agreement;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the type of a group's default domain from the wishes of its members. Immutable.
 *
 * @param globalType the type of a group whose members have no wish
 * @param globalSource who set that type
 * @param rules what the release makes of wishes
 */
record DefaultDomain(DomainType globalType, String globalSource, DefaultDomainRules rules) {
  private static final String AT_BOOT = "drivers/iommu/iommu.c:probe_alloc_default_domain";
  private static final String HOT_ADDED = "drivers/iommu/iommu.c:iommu_alloc_default_domain";
  private static final String JOINED = "drivers/iommu/iommu.c:iommu_get_default_domain_type";
  private static final String SET_UP = "drivers/iommu/iommu.c:iommu_setup_default_domain";
  private static final String TRUST = "drivers/iommu/iommu.c:iommu_get_def_domain_type";
  private static final String UNTRUSTED = "untrusted: behind an external port";

  /**
   * The type of a group's domain, and why.
   *
   * @param type the type, or null if the group is refused one
   * @param summary why in a few words
   */
  record Choice(@Nullable DomainType type, String summary, Decision decision) {}

  /**
   * Returns the same where a driver asks for unmapping that waits.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_set_dma_strict}.
   */
  DefaultDomain strict() {
    return globalType == DomainType.DMA_FQ
        ? new DefaultDomain(DomainType.DMA, globalSource, rules)
        : this;
  }

  /**
   * Returns what a device demands.
   *
   * @param untrusted whether it is untrusted
   * @param driver what its driver says
   */
  DomainDemand demandOf(boolean untrusted, DomainDemand driver) {
    if (!untrusted || rules.agreement() != Agreement.CANCEL_ASKING_TRUST_FIRST) {
      return driver;
    }
    String word = rules.types().sysfsName(DomainType.DMA);
    return new DomainDemand(
        DomainType.DMA, UNTRUSTED, Decision.of(DomainDemand.RULE, word, TRUST, UNTRUSTED));
  }

  /** Chooses for a group whose members were all there when the bus was probed. */
  Choice choose(Map<PciDevice, DomainDemand> demands, Predicate<PciDevice> untrusted) {
    Wishes wishes = new Wishes(rules.types());
    demands.forEach(
        rules.agreement() == Agreement.JOIN ? wishes::join : wishes::cancelUnlessAgreed);
    return rules.agreement() == Agreement.JOIN
        ? joined(wishes, demands, untrusted)
        : choice(wishes.type(), wishes.summary(), wishes.because(), AT_BOOT);
  }

  private Choice joined(
      Wishes wishes, Map<PciDevice, DomainDemand> demands, Predicate<PciDevice> untrusted) {
    PciDevice suspect = null;
    for (PciDevice member : demands.keySet()) {
      suspect = untrusted.test(member) ? member : suspect;
    }
    if (suspect == null) {
      return choice(wishes.type(), wishes.summary(), wishes.because(), JOINED);
    }
    ImmutableList.Builder<String> because =
        ImmutableList.<String>builder().addAll(wishes.because()).add(suspect + " is untrusted");
    if (wishes.type() != null && wishes.type() != DomainType.DMA) {
      String refused = "refused: an untrusted device whose driver wants something else";
      return new Choice(
          null, refused, new Decision(DefaultDomainPolicy.RULE, "none", because.build(), JOINED));
    }
    return choice(DomainType.DMA, UNTRUSTED, because.build(), JOINED);
  }

  /** Chooses for a group whose first member appears after boot. */
  Choice alone(PciDevice device, DomainDemand demand, boolean untrusted) {
    if (rules.agreement() == Agreement.JOIN) {
      return choose(Map.of(device, demand), member -> untrusted);
    }
    Wishes wishes = new Wishes(rules.types());
    wishes.cancelUnlessAgreed(device, demand);
    return choice(wishes.type(), wishes.summary(), wishes.because(), HOT_ADDED);
  }

  /** Says that a device which comes later takes the domain that its group has. */
  Choice joins(int groupId, DomainType type) {
    Decision decision =
        Decision.of(
            DefaultDomainPolicy.RULE,
            rules.types().sysfsName(type),
            rules.finishesJoiners() ? SET_UP : HOT_ADDED,
            "group " + groupId + " has its domain already");
    return new Choice(type, "the group's domain", decision);
  }

  private Choice choice(
      @Nullable DomainType agreed, String wished, ImmutableList<String> because, String source) {
    String word = rules.types().sysfsName(agreed == null ? globalType : agreed);
    if (agreed != null) {
      return new Choice(
          agreed, wished, new Decision(DefaultDomainPolicy.RULE, word, because, source));
    }
    ImmutableList<String> all =
        ImmutableList.<String>builder()
            .addAll(because)
            .add("the machine's default is " + word + " (" + globalSource + ")")
            .build();
    return new Choice(
        globalType,
        "default: " + globalSource,
        new Decision(DefaultDomainPolicy.RULE, word, all, source));
  }
}
