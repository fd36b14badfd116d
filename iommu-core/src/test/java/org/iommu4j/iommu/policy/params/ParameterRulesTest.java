package org.iommu4j.iommu.policy.params;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.base.Release;
import org.iommu4j.base.ReleaseSpan;
import org.iommu4j.iommu.CommandLineVerdicts;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.junit.jupiter.api.Test;

class ParameterRulesTest {
  private static final WordTable TABLE =
      new WordTable(
          "lamp",
          "lamp.c:setup",
          ImmutableList.of(
              WordRule.equalTo("on", "light"),
              WordRule.equalTo("dim", "some light").in(ReleaseSpan.since("6.13, 6.12.30")),
              WordRule.equalTo("gas", "warm light").in(ReleaseSpan.until("5.11"))));

  private static List<String> words(Release release) {
    return TABLE.cutTo(release).rules().stream().map(WordRule::word).toList();
  }

  @Test
  void aTableHasTheWordsOfItsRelease() {
    assertEquals(List.of("on", "gas"), words(Release.of(5, 10, 262)));
    assertEquals(List.of("on"), words(Release.of(6, 12, 29)));
    assertEquals(List.of("on", "dim"), words(Release.of(6, 12, 30)));
    assertFalse(TABLE.without(rule -> rule.exact()).find("on").isPresent());
  }

  @Test
  void whatOnlyLaterKernelsHaveIsToldOfEarlierOnes() {
    CommandLine line = CommandLine.parse("iommufd.x=1");
    KernelConfig config = KernelConfig.parse("");
    List<WordVerdict> then = CommandLineVerdicts.of(line, config, Linux510.RULES, List.of());
    assertEquals(Verdict.UNKNOWN, then.get(0).verdict());
    assertTrue(then.get(0).effect().startsWith("later kernels have it"), then::toString);
    ParameterRules later = ParameterRules.of(Release.of(6, 12, 0));
    List<WordVerdict> now =
        CommandLineVerdicts.of(line, config, Linux510.RULES.withParameters(later), List.of());
    assertTrue(now.stream().noneMatch(word -> word.effect().startsWith("later")), now::toString);
  }
}
