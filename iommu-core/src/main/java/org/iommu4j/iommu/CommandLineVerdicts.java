package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.VendorParameters;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.CommandLine.Parameter;
import org.iommu4j.machine.KernelConfig;

/** Gathers what became of every word of a command line that touches DMA or the IOMMU. */
public final class CommandLineVerdicts {
  private CommandLineVerdicts() {}

  /**
   * Returns the verdicts in the order of the line: of the kernel's generic parameters, of the
   * vendors' own, and of parameters that nobody claims but that touch DMA, are believed to, or are
   * nearly spelled like one of those.
   *
   * @param rules the words of the release
   */
  public static ImmutableList<WordVerdict> of(
      CommandLine line,
      KernelConfig config,
      KernelRules rules,
      Iterable<? extends VendorParameters> vendors) {
    List<String> claimed = new ArrayList<>(KernelParameters.names(rules.parameters()));
    List<WordVerdict> verdicts =
        new ArrayList<>(
            KernelParameters.parse(line, config, rules.parameters(), rules.swiotlb()).verdicts());
    for (VendorParameters vendor : vendors) {
      claimed.addAll(vendor.names());
      verdicts.addAll(vendor.judge(line, config, rules));
    }
    ImmutableList<String> names = ImmutableList.copyOf(claimed);
    for (int i = 0; i < line.parameters().size(); i++) {
      Parameter parameter = line.parameters().get(i);
      if (names.stream().noneMatch(parameter::isNamed)) {
        verdicts.addAll(rules.parameters().known().judge(i, parameter, config, names));
      }
    }
    verdicts.sort(
        Comparator.comparingInt(WordVerdict::parameterIndex).thenComparingInt(WordVerdict::offset));
    return ImmutableList.copyOf(verdicts);
  }
}
