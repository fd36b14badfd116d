package org.iommu4j.vtd;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.FaultDecoder;
import org.iommu4j.iommu.spi.IommuBoot;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.TablePrinter;
import org.iommu4j.iommu.spi.VendorParameters;
import org.iommu4j.iommu.spi.VendorWords;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.fault.IntelFaultDecoder;
import org.iommu4j.vtd.policy.IntelVendorParameters;
import org.iommu4j.vtd.report.DmarReports;

/** Intel VT-d, as the core finds it. Stateless. */
public final class VtdVendor implements IommuVendor {
  /** Makes the vendor; called by {@link java.util.ServiceLoader}. */
  public VtdVendor() {}

  @Override
  public String name() {
    return IntelFaultDecoder.VENDOR;
  }

  // drivers/iommu/Makefile links amd/ first and intel/ next.
  @Override
  public int rank() {
    return 20;
  }

  @Override
  public VendorParameters parameters() {
    return new IntelVendorParameters();
  }

  @Override
  public ImmutableSet<String> tableSignatures() {
    return ImmutableSet.of(DmarTable.SIGNATURE);
  }

  @Override
  public Optional<TablePrinter> tablePrinter() {
    return Optional.of(new DmarReports());
  }

  @Override
  public ImmutableList<String> logPrefixes() {
    return ImmutableList.of("DMAR: ");
  }

  @Override
  public VendorWords words() {
    return IntelVendorParameters.WORDS;
  }

  @Override
  public FaultDecoder faultDecoder() {
    return new IntelFaultDecoder();
  }

  @Override
  public Optional<IommuBoot> begin(BootContext context) {
    return Optional.of(VtdBoot.begin(context));
  }
}
