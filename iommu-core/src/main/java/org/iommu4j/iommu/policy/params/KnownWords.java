package org.iommu4j.iommu.policy.params;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.machine.CommandLine.Parameter;
import org.iommu4j.machine.KernelConfig;
import org.jspecify.annotations.Nullable;

/**
 * Judges what nobody claims: words that touch DMA elsewhere, words that people write because they
 * read of them somewhere, and words that are nearly right.
 */
@Immutable
public final class KnownWords {
  private static final String TURN_ON =
      "it turns nothing on: the IOMMU is turned on with its vendor's own parameter,"
          + " intel_iommu=on; an AMD IOMMU is on by itself";

  /** Advice on words that a list of this name does not know, by {@code parameter=word}. */
  private static final ImmutableMap<String, String> ADVICE =
      ImmutableMap.<String, String>builder()
          .put("iommu=on", "no word of iommu=; " + TURN_ON)
          .put("iommu=y", "no word of iommu=; " + TURN_ON)
          .put("iommu=enable", "no word of iommu=; " + TURN_ON)
          .put(
              "iommu=strict",
              "no word of iommu=; the vendor's parameter has it: intel_iommu=strict")
          .put("iommu=passthrough", "no word of iommu=; write iommu=pt or iommu.passthrough=1")
          .put("iommu=passthru", "no word of iommu=; write iommu=pt or iommu.passthrough=1")
          .put(
              "pci=noacs",
              "no kernel has it; pci=disable_acs_redir=DEVICES clears what splits groups, for"
                  + " devices named")
          .put(
              "pci=config_acs",
              "later kernels have it; here pci=disable_acs_redir=DEVICES clears a part of ACS")
          .put("pci=noiommu", "no word of pci=; write iommu=off")
          .put("swiotlb=off", "no word of swiotlb=; write swiotlb=noforce for a pool of one slot")
          .put("swiotlb=on", "no word of swiotlb=; write swiotlb=force to bounce everything")
          .put("intremap=posted_msi", "later kernels have it")
          .put("intremap=nox2apic_optout", "write intremap=no_x2apic_optout")
          .buildOrThrow();

  /** Names that no reader of parameters claims, but which are worth a guess. */
  private static final ImmutableList<String> SPELLED =
      ImmutableList.of(
          "amd_iommu",
          "pcie_acs_override",
          "vfio-pci.ids",
          "vfio_iommu_type1.allow_unsafe_interrupts");

  private final ImmutableList<KnownWord> rows;

  private KnownWords(ImmutableList<KnownWord> rows) {
    this.rows = rows;
  }

  /** Returns what is true in a release. */
  static KnownWords of(Release release) {
    return new KnownWords(
        KnownWordTable.ROWS.stream()
            .filter(row -> row.span().contains(release))
            .collect(ImmutableList.toImmutableList()));
  }

  /**
   * Judges a parameter that nobody claims; empty if it has nothing to do with DMA.
   *
   * @param claimed the names that somebody claims, one of which may have been meant
   */
  public ImmutableList<WordVerdict> judge(
      int index, Parameter parameter, KernelConfig config, ImmutableList<String> claimed) {
    ImmutableList<KnownWord> named =
        rows.stream()
            .filter(row -> row.isNamed(parameter))
            .collect(ImmutableList.toImmutableList());
    WordLedger ledger = new WordLedger();
    if (named.isEmpty()) {
      guess(ledger, ParameterWord.whole(index, parameter), claimed);
    } else if (named.get(0).match() == KnownWord.Match.ANY) {
      note(ledger, ParameterWord.value(index, parameter), named.get(0), config);
    } else {
      parts(ledger, index, parameter, named, config);
    }
    return ledger.verdicts();
  }

  private static void parts(
      WordLedger ledger,
      int index,
      Parameter parameter,
      ImmutableList<KnownWord> rows,
      KernelConfig config) {
    ImmutableList<ParameterWord> words = ParameterWord.cut(index, parameter);
    ImmutableList<ParameterWord> all =
        words.isEmpty() ? ImmutableList.of(ParameterWord.whole(index, parameter)) : words;
    for (ParameterWord word : all) {
      String part = words.isEmpty() ? "" : word.text();
      rows.stream()
          .filter(row -> row.matches(part))
          .findFirst()
          .ifPresent(row -> note(ledger, word, row, config));
    }
  }

  private static void note(
      WordLedger ledger, ParameterWord word, KnownWord row, KernelConfig config) {
    @Nullable String needs = row.needs();
    if (needs != null && !config.isEnabled(needs)) {
      String why = "needs " + needs + ", which is not set";
      ledger.note(word, Verdict.NO_EFFECT_HERE, why, row.source());
    } else {
      ledger.note(word, row.verdict(), row.effect(), row.source());
    }
  }

  private static void guess(WordLedger ledger, ParameterWord word, ImmutableList<String> claimed) {
    ImmutableList<String> names =
        ImmutableList.<String>builder().addAll(claimed).addAll(SPELLED).build();
    Optional<String> meant = Misspellings.nearest(word.parameter(), names);
    boolean generic = word.parameter().startsWith("iommu.") || !word.parameter().contains(".");
    if (meant.isPresent() || (generic && word.parameter().contains("iommu"))) {
      String hint = meant.map(name -> "; probably meant: " + name).orElse("");
      String why = "nothing in this release knows it" + hint;
      ledger.note(word, Verdict.UNKNOWN, why, "init/main.c:unknown_bootoption");
    }
  }

  /** Returns what there is to say of a word that the parameter does not have. */
  public static Optional<String> advice(String parameter, String word) {
    int equals = word.indexOf('=', 1);
    String bare = equals < 0 ? word : word.substring(0, equals);
    return Optional.ofNullable(ADVICE.get(parameter + "=" + bare));
  }

  static String number() {
    return "the size of AMD's graphics aperture (GART), nothing else; " + TURN_ON;
  }
}
