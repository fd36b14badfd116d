package org.iommu4j.iommu.policy.params;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.iommu4j.iommu.CommandLineVerdicts;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.CommandLine.Parameter;
import org.iommu4j.machine.KernelConfig;
import org.junit.jupiter.api.Test;

class KernelParametersPropertyTest {
  private static final KernelConfig DEBIAN = KernelConfig.debian();
  private static final List<String> ALWAYS_JUDGED =
      List.of("iommu", "iommu.passthrough", "iommu.strict", "intremap", "nointremap", "swiotlb");

  @Provide
  Arbitrary<String> lines() {
    return Arbitraries.of(
            "iommu",
            "iommu.passthrough",
            "iommu.strict",
            "intremap",
            "nointremap",
            "swiotlb",
            "pci",
            "amd_iommu",
            "efi",
            "quiet",
            "=",
            ",",
            ",",
            " ",
            " ",
            "\"",
            "--",
            "on",
            "off",
            "pt",
            "nopt",
            "soft",
            "force",
            "noforce",
            "usedac",
            "noats",
            "0x",
            "08",
            "4096",
            "nosid",
            "disable_acs_redir=",
            "-",
            "_",
            "\u00a0",
            "y")
        .list()
        .ofMaxSize(30)
        .map(parts -> String.join("", parts));
  }

  @Property
  void nothingMakesTheParserFail(@ForAll String line) {
    CommandLineVerdicts.of(CommandLine.parse(line), DEBIAN, Linux510.RULES, List.of());
  }

  @Property
  void everyWordOfOurParametersGetsAVerdictAtItsPlace(@ForAll("lines") String text) {
    CommandLine line = CommandLine.parse(text);
    List<WordVerdict> verdicts = CommandLineVerdicts.of(line, DEBIAN, Linux510.RULES, List.of());
    for (int i = 0; i < line.parameters().size(); i++) {
      int index = i;
      Parameter parameter = line.parameters().get(i);
      boolean ours = ALWAYS_JUDGED.stream().anyMatch(parameter::isNamed);
      boolean judged = verdicts.stream().anyMatch(v -> v.parameterIndex() == index);
      assertTrue(judged || !ours, parameter.word());
    }
    for (WordVerdict verdict : verdicts) {
      assertTrue(line.text().startsWith(verdict.word(), verdict.offset()), verdict.toString());
      assertEquals(verdict.verdict() == Verdict.OVERRIDDEN, verdict.overriddenBy() != null);
    }
  }

  @Test
  void aPoolsSizeThatIsOnlyACommaIsIgnored() {
    List<WordVerdict> verdicts =
        CommandLineVerdicts.of(CommandLine.parse("swiotlb=,"), DEBIAN, Linux510.RULES, List.of());
    assertEquals(1, verdicts.size());
    assertEquals(Verdict.IGNORED, verdicts.get(0).verdict());
  }

  @Property
  void theLastWordOnTheDomainTypeWins(
      @ForAll("domainWords") List<String> words, @ForAll("lines") String noise) {
    String line = "quiet " + noise.replace("\"", "").replace("--", "") + " " + words(words);
    String last = words.get(words.size() - 1);
    boolean identity = last.endsWith("=pt") || last.endsWith("=1");
    DomainType expected = identity ? DomainType.IDENTITY : DomainType.DMA;
    KernelParameters parsed =
        KernelParameters.parse(
            CommandLine.parse(line), DEBIAN, Linux510.RULES.parameters(), Linux510.RULES.swiotlb());
    assertEquals(Optional.of(expected), parsed.commandLineDomainType());
  }

  private static String words(List<String> words) {
    return String.join(" ", words);
  }

  @Provide
  Arbitrary<List<String>> domainWords() {
    return Arbitraries.of("iommu=pt", "iommu=nopt", "iommu.passthrough=0", "iommu.passthrough=1")
        .list()
        .ofMinSize(1)
        .ofMaxSize(6);
  }

  @Property
  void oneWordOfThoseThatDecideTheDomainTypeIsNotOverridden(
      @ForAll("domainWords") List<String> words) {
    KernelParameters parsed =
        KernelParameters.parse(
            CommandLine.parse(words(words)),
            DEBIAN,
            Linux510.RULES.parameters(),
            Linux510.RULES.swiotlb());
    WordVerdict last = parsed.verdicts().get(words.size() - 1);
    assertEquals(Verdict.HONOURED, last.verdict());
    for (WordVerdict verdict : parsed.verdicts()) {
      boolean sameAsLast = verdict.effect().equals(last.effect());
      assertTrue(verdict.verdict() == Verdict.OVERRIDDEN || sameAsLast, verdict.toString());
    }
  }

  @Property
  void anOrdinaryNumberOfSlotsIsRoundedUpToWholeSegments(@ForAll int number) {
    long slots = Integer.toUnsignedLong(number);
    KernelParameters parsed =
        KernelParameters.parse(
            CommandLine.parse("swiotlb=" + slots),
            DEBIAN,
            Linux510.RULES.parameters(),
            Linux510.RULES.swiotlb());
    assertEquals((slots + 127) / 128 * 128, parsed.swiotlbSlots());
  }
}
