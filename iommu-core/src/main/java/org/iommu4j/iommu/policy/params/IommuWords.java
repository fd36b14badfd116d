package org.iommu4j.iommu.policy.params;

import static org.iommu4j.iommu.policy.params.WordRule.startsWith;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.ReleaseSpan;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.machine.CommandLine.Parameter;

/**
 * The words of {@code iommu=} on x86.
 *
 * <p>Source: {@code arch/x86/kernel/pci-dma.c:iommu_setup}, {@code
 * arch/x86/kernel/amd_gart_64.c:gart_parse_options}.
 */
final class IommuWords {
  static final String SOURCE = "arch/x86/kernel/pci-dma.c:iommu_setup";
  private static final String USEDAC = "usedac";

  private static final WordRule SOFT =
      startsWith(
              "soft",
              "a bounce pool is made and no hardware IOMMU is looked for: translation stays off")
          .set(Variables.SWIOTLB, "1")
          .in(ReleaseSpan.until("5.19"));

  private static final WordRule SOFT_BESIDE =
      startsWith("soft", "a bounce pool is made, whether or not an IOMMU translates")
          .set(Variables.SWIOTLB, "1")
          .in(ReleaseSpan.since("5.19"));

  static final WordTable TABLE =
      new WordTable(
          "iommu",
          SOURCE,
          ImmutableList.of(
              startsWith(
                      "off",
                      "no bounce pool is made for memory above 4 GiB, and no hardware IOMMU is used unless"
                          + " the firmware opts in to DMA protection or a measured launch asks for"
                          + " it")
                  .set(Variables.NO_IOMMU, "1")
                  .in(ReleaseSpan.until("5.19")),
              startsWith(
                      "off",
                      "no bounce pool is made for memory above 4 GiB, and no hardware IOMMU is used unless"
                          + " a measured launch asks for it")
                  .set(Variables.NO_IOMMU, "1")
                  .in(ReleaseSpan.since("5.19")),
              startsWith(
                      USEDAC, "bridges by VIA keep 64-bit addresses; the rest of the list is lost")
                  .set(Variables.DISABLE_DAC_QUIRK, "1"),
              SOFT,
              SOFT_BESIDE,
              startsWith("pt", "devices get identity domains unless something else is demanded")
                  .set(Variables.DOMAIN_TYPE, DomainType.IDENTITY.name()),
              startsWith("nopt", "devices get translated domains unless something else is demanded")
                  .set(Variables.DOMAIN_TYPE, DomainType.DMA.name()),
              ignored("forcesac").set(Variables.FORCE_IOMMU, "1"),
              ignored("allowdac"),
              ignored("nodac"),
              gart("force").set(Variables.FORCE_IOMMU, "1"),
              gart("noforce").set(Variables.FORCE_IOMMU, "0"),
              gart("biomerge").set(Variables.FORCE_IOMMU, "1"),
              gart("merge").set(Variables.FORCE_IOMMU, "1"),
              gart("nomerge"),
              gart("panic").set(Variables.PANIC_ON_OVERFLOW, "1"),
              gart("nopanic").set(Variables.PANIC_ON_OVERFLOW, "0"),
              gart("fullflush"),
              gart("nofullflush"),
              gart("noagp"),
              gart("noaperture"),
              gart("allowed"),
              gart("memaper")));

  private IommuWords() {}

  private static boolean makesPool(WordRule rule) {
    return rule.sets().containsKey(Variables.SWIOTLB);
  }

  private static WordRule ignored(String word) {
    return startsWith(word, "the kernel says that it ignores it")
        .judged(Verdict.IGNORED)
        .logging(word + " option ignored.");
  }

  private static WordRule gart(String word) {
    return startsWith(word, "only the driver of AMD's graphics aperture (GART) reads it")
        .judged(Verdict.NO_EFFECT_HERE);
  }

  static void apply(
      WordTable known, WordLedger ledger, int index, Parameter parameter, boolean hasSwiotlb) {
    WordTable table = hasSwiotlb ? known : known.without(IommuWords::makesPool);
    boolean dropped = false;
    for (ParameterWord word : ParameterWord.cut(index, parameter)) {
      if (dropped) {
        ledger.note(word, Verdict.IGNORED, "the kernel stops reading at usedac", SOURCE);
      } else if (KernelValues.startsWithDigit(word.text())) {
        ledger.note(word, Verdict.NO_EFFECT_HERE, KnownWords.number(), SOURCE);
      } else {
        table.judge(ledger, word);
        dropped = word.text().startsWith(USEDAC);
      }
    }
    if (dropped) {
      EarlyParameters.logMalformed(ledger, parameter);
    }
  }
}
