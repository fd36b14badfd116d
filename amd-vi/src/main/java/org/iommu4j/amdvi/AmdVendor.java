package org.iommu4j.amdvi;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import org.iommu4j.amdvi.fault.AmdFaultDecoder;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.FaultDecoder;
import org.iommu4j.iommu.spi.IommuBoot;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.VendorWords;

/**
 * AMD-Vi, as the core finds it. Its driver is not modelled: it says nothing of a boot, and hands in
 * no prefixes of lines that it does not log. Stateless.
 */
public final class AmdVendor implements IommuVendor {
  private static final VendorWords WORDS =
      new VendorWords("AMD-Vi", null, ImmutableMap.of(), null, "an IVMD", "an AMD IOMMU");

  /** Makes the vendor; called by {@link java.util.ServiceLoader}. */
  public AmdVendor() {}

  @Override
  public String name() {
    return AmdFaultDecoder.VENDOR;
  }

  // drivers/iommu/Makefile links amd/ first and intel/ next.
  @Override
  public int rank() {
    return 10;
  }

  @Override
  public ImmutableSet<String> tableSignatures() {
    return ImmutableSet.of("IVRS");
  }

  @Override
  public VendorWords words() {
    return WORDS;
  }

  @Override
  public FaultDecoder faultDecoder() {
    return new AmdFaultDecoder();
  }

  @Override
  public Optional<IommuBoot> begin(BootContext context) {
    return Optional.empty();
  }
}
