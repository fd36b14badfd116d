package org.iommu4j.vtd;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.machine.CommandLine;
import org.iommu4j.iommu.machine.KernelConfig;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.vtd.policy.IntelParameters;

/** Intel VT-d, as the core finds it. Stateless. */
public final class VtdVendor implements IommuVendor {
  /** Makes the vendor; called by {@link java.util.ServiceLoader}. */
  public VtdVendor() {}

  @Override
  public String name() {
    return "Intel VT-d";
  }

  @Override
  public ImmutableList<WordVerdict> judge(CommandLine commandLine, KernelConfig config) {
    return IntelParameters.parse(commandLine, config).verdicts();
  }

  @Override
  public IommuDriver driver(BootContext context) {
    return new VtdDriver(context);
  }
}
