package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.spi.IommuVendor;
import org.junit.jupiter.api.Test;

class VendorsTest {
  /** Source: the order of {@code amd/} and {@code intel/} in {@code drivers/iommu/Makefile}. */
  @Test
  void vendorsAreFoundInTheOrderInWhichTheKernelLooksForTheirHardware() {
    assertEquals(
        List.of("AMD-Vi", "Intel VT-d"),
        LinuxSystem.vendors().stream()
            .filter(vendor -> vendor.rank() != IommuVendor.LAST)
            .map(IommuVendor::name)
            .toList());
  }
}
