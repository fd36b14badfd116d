package org.iommu4j.iommu.release.history;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Release;
import org.iommu4j.base.Since;
import org.iommu4j.iommu.dma.DmaIommuRules;
import org.iommu4j.iommu.dma.release.DmaReleases;
import org.iommu4j.iommu.policy.params.ParameterRules;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.iommu.release.Linux612;
import org.iommu4j.machine.pci.quirks.PciQuirks;

/**
 * From when on kernels have what tells two modelled releases apart, where their history is known.
 *
 * <p>A release between two modelled ones, or an early stable update of one, thus has rules of both:
 * each that its own date gives it.
 */
final class RuleHistory {
  /**
   * A rule that one modelled release has and the one before it has not.
   *
   * @param name what it is called
   * @param since the releases that have it
   * @param before the modelled release that does not
   * @param after the modelled release that does
   * @param change takes the rule from other rules
   */
  @Immutable
  private record Row(
      String name, Since since, KernelRules before, KernelRules after, Change change) {
    /** Returns whether a release's number and stable update say if it has the rule. */
    boolean isToldOf(Release release) {
      return since.tells(release) || !release.distribution().followsStable();
    }
  }

  /** Takes one rule from other rules. */
  @Immutable
  @FunctionalInterface
  private interface Change {
    KernelRules take(KernelRules rules, KernelRules from);
  }

  /**
   * Rules of more than one release.
   *
   * @param names what was taken for its date, by name
   */
  @Immutable
  record Dated(KernelRules rules, ImmutableSet<String> names) {}

  private static final ImmutableList<Row> ROWS =
      ImmutableList.of(
          // drivers/pci/probe.c:set_pcie_untrusted
          new Row(
              "quirks.trust",
              Since.of("6.13, 6.12.5, 6.6.66, 6.1.120"),
              Linux510.RULES,
              Linux61.RULES,
              (rules, from) -> rules.withQuirks(rules.quirks().withTrust(from.quirks().trust()))),
          // arch/x86/kernel/pci-dma.c:pci_iommu_alloc
          new Row(
              "detection.askedPoolEndsSearch",
              Since.of("5.19"),
              Linux510.RULES,
              Linux61.RULES,
              (rules, from) -> rules.withDetection(from.detection())),
          // kernel/dma/swiotlb.c:swiotlb_adjust_nareas
          new Row(
              "swiotlb.areas",
              Since.of("6.0"),
              Linux510.RULES,
              Linux61.RULES,
              (rules, from) ->
                  rules.withSwiotlb(rules.swiotlb().withAreas(from.swiotlb().areas()))),
          // kernel/dma/mapping.c:dma_setup_need_sync
          new Row(
              "dispatch.syncing",
              Since.of("6.10"),
              Linux61.RULES,
              Linux612.RULES,
              RuleHistory::syncing),
          // drivers/iommu/dma-iommu.c:iommu_setup_dma_ops
          new Row(
              "dma.opsSymbol",
              Since.of("6.12"),
              Linux61.RULES,
              Linux612.RULES,
              RuleHistory::opsSymbol));

  private RuleHistory() {}

  private static KernelRules syncing(KernelRules rules, KernelRules from) {
    return rules.withDispatch(rules.dispatch().withSyncing(from.dispatch().syncing()));
  }

  private static KernelRules opsSymbol(KernelRules rules, KernelRules from) {
    return rules.with(
        DmaIommuRules.class,
        DmaReleases.rules(rules).withOpsSymbol(DmaReleases.rules(from).opsSymbol()));
  }

  /** Returns since when there is what is dated, by name. */
  static ImmutableMap<String, Since> dates() {
    return ROWS.stream().collect(ImmutableMap.toImmutableMap(Row::name, Row::since));
  }

  /** Gives the rules of a modelled release what is known of another release's date. */
  static Dated date(KernelRules modelled, Release ran) {
    KernelRules rules = modelled;
    ImmutableSet.Builder<String> names = ImmutableSet.builder();
    if (!modelled.release().isSameSeries(ran)) {
      PciQuirks quirks = PciQuirks.of(ran).withTrust(rules.quirks().trust());
      rules = rules.withParameters(ParameterRules.of(ran)).withQuirks(quirks);
      names.add("parameters", "quirks");
    }
    for (Row row : ROWS) {
      boolean has = row.since().contains(ran);
      boolean modelledHas = modelled.release().compareSeries(row.after().release()) >= 0;
      if (row.isToldOf(ran) && has != modelledHas) {
        rules = row.change().take(rules, has ? row.after() : row.before());
        names.add(row.name());
      }
    }
    return new Dated(rules, names.build());
  }
}
