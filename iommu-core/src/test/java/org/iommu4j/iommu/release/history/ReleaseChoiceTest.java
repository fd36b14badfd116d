package org.iommu4j.iommu.release.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSet;
import org.iommu4j.base.Distribution;
import org.iommu4j.base.Release;
import org.iommu4j.dma.DispatchRules.Syncing;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.dma.release.DmaReleases;
import org.iommu4j.iommu.policy.params.ParameterRules;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.iommu.release.Linux612;
import org.iommu4j.iommu.release.history.ReleaseChoice.Certainty;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.iommu4j.swiotlb.SwiotlbRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules that stand for a machine's release, and how sure they are. */
class ReleaseChoiceTest {
  private static Release release(String name) {
    return Release.parseName(name).orElseThrow();
  }

  private static ReleaseChoice choose(String name) {
    return ReleaseChoice.of(release(name));
  }

  @ParameterizedTest
  @CsvSource({
    "5.10.0-46-amd64, EXACT, 5.10",
    "5.10.262, EXACT, 5.10",
    "6.1, EXACT, 6.1",
    "6.12.117+deb12-amd64, EXACT, 6.12",
    "6.12.30, EXACT, 6.12",
    "5.15.160, NEAREST, 6.1",
    "6.8.11-amd64, NEAREST, 6.12",
    "7.3.4, NEAREST, 6.12",
    "6.8.12-4-pve, OWN_BUILD, 6.12",
    "5.15.0-91-generic, OWN_BUILD, 6.1",
    "4.18.0-553.el8_10.x86_64, OWN_BUILD, 5.10",
    "5.14.0-362.8.1.el9_3.x86_64, OWN_BUILD, 6.1",
    "6.12.0-55.9.1.el10_0.x86_64, OWN_BUILD, 6.12"
  })
  void sureIsWhoFollowsTheStableUpdatesOfAModelledSeries(
      String ran, Certainty certainty, String modelled) {
    ReleaseChoice choice = choose(ran);
    assertEquals(certainty, choice.certainty());
    assertEquals(modelled, choice.rules().release().series());
    assertEquals(ran, choice.ran().text());
  }

  @Test
  void aModelledReleaseHasItsOwnRulesUnchanged() {
    assertSame(Linux510.RULES, choose("5.10.0-46-amd64").rules());
    assertSame(Linux61.RULES, choose("6.1.192").rules());
    assertSame(Linux612.RULES, choose("6.12.117+deb12-amd64").rules());
    assertEquals(ImmutableSet.of(), choose("6.12.117").dated());
  }

  @Test
  void whoBuiltItIsNamed() {
    assertEquals(Distribution.PROXMOX, choose("6.8.12-4-pve").builder());
    assertEquals(Distribution.ENTERPRISE_LINUX, choose("5.14.0-362.8.1.el9_3.x86_64").builder());
    assertTrue(choose("6.12.0-55.9.1.el10_0.x86_64").isSeriesModelled());
  }

  @Test
  void wordsAndQuirksAreThoseOfTheReleaseItself() {
    ReleaseChoice choice = choose("6.0.9");
    assertEquals(ParameterRules.of(release("6.0.9")).iommu(), choice.rules().parameters().iommu());
    assertTrue(choice.dated().containsAll(ImmutableSet.of("parameters", "quirks")));
  }

  @Test
  void areasOfThePoolCameWithSix() {
    assertEquals(SwiotlbRules.Areas.ONE, choose("5.19.17").rules().swiotlb().areas());
    assertEquals(SwiotlbRules.Areas.ONE_A_CPU, choose("6.0.9").rules().swiotlb().areas());
    assertTrue(choose("5.15.160").dated().contains("swiotlb.areas"));
  }

  @Test
  void detectorsWereAskedInAChainUntilFiveNineteen() {
    assertEquals(Linux510.RULES.detection(), choose("5.18").rules().detection());
    assertEquals(Linux61.RULES.detection(), choose("5.19").rules().detection());
  }

  @ParameterizedTest
  @CsvSource({
    "6.7, iommu_dma_ops, false",
    "6.8.11-amd64, iommu_dma_ops, false",
    "6.10.3, iommu_dma_ops, true",
    "6.11, iommu_dma_ops, true",
    "6.12.1, NULL, true",
    "6.14, NULL, true"
  })
  void operationsWentAndSyncCallsWereSkippedInDifferentReleases(
      String ran, String symbol, boolean skips) {
    KernelRules rules = choose(ran).rules();
    assertEquals("6.12", rules.release().series());
    assertEquals(symbol, DmaReleases.rules(rules).opsSymbol());
    assertEquals(skips, rules.dispatch().syncing() == Syncing.SKIPPED_UNTIL_BOUNCED);
  }

  @Test
  void aBootFollowsTheMachinesRelease() {
    Machine machine = Machine.builder("m").kernel(release("6.12.111+deb13-amd64")).build();
    assertSame(Linux612.RULES, BootOptions.of(machine).rules());
    assertSame(Linux61.RULES, BootOptions.of(machine.withKernel(Linux61.RELEASE)).rules());
    assertSame(Linux510.RULES, BootOptions.of(Machine.builder("m").build()).rules());
  }

  @ParameterizedTest
  @CsvSource({
    "5.10.240, BELOW_EXTERNAL_PORT",
    "6.1.119, BELOW_EXTERNAL_PORT",
    "6.1.120, BEYOND_CONTROLLER",
    "6.6.65, BELOW_EXTERNAL_PORT",
    "6.6.66, BEYOND_CONTROLLER",
    "6.8.11-amd64, BELOW_EXTERNAL_PORT",
    "6.8.12-4-pve, BELOW_EXTERNAL_PORT",
    "6.12.4, BELOW_EXTERNAL_PORT",
    "6.12.117+deb12-amd64, BEYOND_CONTROLLER",
    "6.13, BEYOND_CONTROLLER"
  })
  void stableUpdatesBroughtTheTrustInControllersBack(String ran, TrustRule trust) {
    assertEquals(trust, choose(ran).rules().quirks().trust());
  }

  @Test
  void theStableUpdateIsReadFromTheBuildsOwnWords() {
    Release early =
        Release.parse(
                "Linux version 6.1.0-27-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian"
                    + " 12.2.0-14) 12.2.0) #1 SMP PREEMPT_DYNAMIC Debian 6.1.115-1 (2024-12-15)")
            .orElseThrow();
    ReleaseChoice choice = ReleaseChoice.of(early);
    assertEquals(Certainty.EXACT, choice.certainty());
    assertEquals(ImmutableSet.of("quirks.trust"), choice.dated());
    assertEquals(TrustRule.BELOW_EXTERNAL_PORT, choice.rules().quirks().trust());
  }

  @Test
  void anUpdateThatNobodyTellsIsTakenForTheModelledOne() {
    assertSame(Linux61.RULES, choose("6.1.0-27-amd64").rules());
  }
}
