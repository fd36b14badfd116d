package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.machine.CommandLine;
import org.iommu4j.iommu.machine.KernelConfig;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.spi.VendorParameters;

/** Judges the words of {@code intel_iommu=} for whoever asks all vendors. */
public final class IntelVendorParameters implements VendorParameters {
  /** Creates the judge; {@link java.util.ServiceLoader} does. */
  public IntelVendorParameters() {}

  @Override
  public ImmutableList<String> names() {
    return ImmutableList.of(IntelParameters.NAME);
  }

  @Override
  public ImmutableList<WordVerdict> judge(CommandLine line, KernelConfig config) {
    return IntelParameters.parse(line, config).verdicts();
  }
}
