package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Functions that a user names by address. */
final class Functions {
  private Functions() {}

  /** Returns the functions at these addresses, or all if none is named. */
  static ImmutableList<DeviceReport> select(
      @Nullable CommandSpec spec, BootReport report, List<String> addresses) {
    if (addresses.isEmpty()) {
      return report.devices();
    }
    return addresses.stream()
        .map(address -> select(spec, report, address))
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns the address that a text is. */
  static PciAddress address(@Nullable CommandSpec spec, String text) {
    return PciAddress.parse(text)
        .orElseThrow(() -> Usage.error(spec, text + " is no PCI address such as 00:1f.2"));
  }

  /** Returns the function at this address. */
  static DeviceReport select(@Nullable CommandSpec spec, BootReport report, String text) {
    PciAddress address = address(spec, text);
    return report
        .device(address)
        .orElseThrow(() -> Usage.error(spec, report.machine() + " has no function " + address));
  }
}
