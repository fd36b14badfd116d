package org.iommu4j.vtd;

import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.VendorParameters;
import org.iommu4j.vtd.policy.IntelVendorParameters;
import org.iommu4j.vtd.release.VtdRules;

/** Intel VT-d, as the core finds it. Stateless. */
public final class VtdVendor implements IommuVendor {
  /** Makes the vendor; called by {@link java.util.ServiceLoader}. */
  public VtdVendor() {}

  @Override
  public String name() {
    return "Intel VT-d";
  }

  @Override
  public VendorParameters parameters() {
    return new IntelVendorParameters(kernel -> VtdRules.of(kernel).policy());
  }

  @Override
  public IommuDriver driver(BootContext context) {
    return new VtdDriver(context);
  }
}
