package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.function.Function;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.VendorParameters;
import org.iommu4j.iommu.spi.VendorWords;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.iommu4j.vtd.policy.PolicyRules.Trait;

/** Judges the words of {@code intel_iommu=} for whoever asks all vendors. */
public final class IntelVendorParameters implements VendorParameters {
  /** What the owner of a machine with VT-d types and reads. */
  public static final VendorWords WORDS =
      new VendorWords(
          "VT-d",
          IntelParameters.NAME + "=on",
          ImmutableMap.of(IntelParameters.NAME, "off"),
          "intel_iommu",
          "an RMRR",
          null);

  private final Function<KernelRules, PolicyRules> own;

  /**
   * Creates the judge.
   *
   * @param own finds the driver's rules among those of a kernel
   */
  public IntelVendorParameters(Function<KernelRules, PolicyRules> own) {
    this.own = own;
  }

  @Override
  public ImmutableList<String> names() {
    return ImmutableList.of(IntelParameters.NAME);
  }

  @Override
  public ImmutableList<WordVerdict> judge(
      CommandLine line, KernelConfig config, KernelRules rules) {
    KernelParameters generic =
        KernelParameters.parse(line, config, rules.parameters(), rules.swiotlb());
    ImmutableList.Builder<WordVerdict> verdicts = ImmutableList.builder();
    for (WordVerdict verdict : IntelParameters.parse(line, config, own.apply(rules)).verdicts()) {
      boolean works = verdict.verdict() == Verdict.HONOURED;
      verdicts.add(works ? inView(verdict, generic, rules) : verdict);
    }
    return verdicts.build();
  }

  /** Looks again at a word that does its part, in view of what the generic parameters say. */
  private WordVerdict inView(WordVerdict verdict, KernelParameters generic, KernelRules rules) {
    boolean ends = rules.detection().askedPoolEndsSearch();
    if (ends && generic.swiotlbForce() == SwiotlbForce.FORCE) {
      return without(verdict, "; but swiotlb=force ends the search for a hardware IOMMU");
    }
    if (ends && generic.swiotlbRequested()) {
      return without(verdict, "; but iommu=soft ends the search for a hardware IOMMU");
    }
    boolean turnsOn = verdict.word().startsWith("on");
    return generic.noIommu() && turnsOn
        ? without(verdict, "; but iommu=off keeps it off" + unlessOptIn(rules))
        : verdict;
  }

  private String unlessOptIn(KernelRules rules) {
    boolean optInCounts = own.apply(rules).does(Trait.OPT_IN_OVERRULES_IOMMU_OFF);
    return optInCounts ? " unless the firmware opts in" : "";
  }

  private static WordVerdict without(WordVerdict verdict, String but) {
    return new WordVerdict(
        verdict.parameterIndex(),
        verdict.parameter(),
        verdict.word(),
        verdict.offset(),
        Verdict.NO_EFFECT_HERE,
        verdict.effect() + but,
        null,
        verdict.source());
  }
}
