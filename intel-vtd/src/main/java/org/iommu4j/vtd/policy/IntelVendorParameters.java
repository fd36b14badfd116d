package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.iommu.spi.VendorParameters;
import org.iommu4j.iommu.spi.VendorWords;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.swiotlb.SwiotlbForce;

/** Judges the words of {@code intel_iommu=} for whoever asks all vendors. */
public final class IntelVendorParameters implements VendorParameters {
  /** What the owner of a machine with VT-d types and reads. */
  public static final VendorWords WORDS =
      new VendorWords(
          "VT-d",
          IntelParameters.NAME + "=on",
          ImmutableMap.of(IntelParameters.NAME, "off"),
          "intel_iommu",
          null);

  /** Creates the judge; {@link java.util.ServiceLoader} does. */
  public IntelVendorParameters() {}

  @Override
  public ImmutableList<String> names() {
    return ImmutableList.of(IntelParameters.NAME);
  }

  @Override
  public ImmutableList<WordVerdict> judge(CommandLine line, KernelConfig config) {
    KernelParameters generic = KernelParameters.parse(line, config);
    ImmutableList.Builder<WordVerdict> verdicts = ImmutableList.builder();
    for (WordVerdict verdict : IntelParameters.parse(line, config).verdicts()) {
      boolean works = verdict.verdict() == Verdict.HONOURED;
      verdicts.add(works ? inView(verdict, generic) : verdict);
    }
    return verdicts.build();
  }

  /** Looks again at a word that does its part, in view of what the generic parameters say. */
  private static WordVerdict inView(WordVerdict verdict, KernelParameters generic) {
    if (generic.swiotlbForce() == SwiotlbForce.FORCE) {
      return without(verdict, "; but swiotlb=force ends the search for a hardware IOMMU");
    }
    if (generic.swiotlbRequested()) {
      return without(verdict, "; but iommu=soft ends the search for a hardware IOMMU");
    }
    boolean turnsOn = verdict.word().startsWith("on");
    return generic.noIommu() && turnsOn
        ? without(verdict, "; but iommu=off keeps it off unless the firmware opts in")
        : verdict;
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
