package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.Comparator;
import java.util.OptionalInt;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.policy.ReservedRegions;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/** Turns the state at the end of a boot into the immutable report. */
final class BootReportBuilder {
  private BootReportBuilder() {}

  static ImmutableList<DeviceReport> devices(
      Collection<DeviceState> states, @Nullable IommuDriver driver) {
    return states.stream()
        .map(state -> device(state, driver))
        .sorted(Comparator.comparing(DeviceReport::address))
        .collect(ImmutableList.toImmutableList());
  }

  private static DeviceReport device(DeviceState state, @Nullable IommuDriver driver) {
    PciDevice pci = state.pci();
    IommuGroup group = state.group();
    DmaOps ops = state.device().dmaOps();
    return new DeviceReport(
        pci.address(),
        pci.vendorId(),
        pci.deviceId(),
        pci.classCode(),
        group == null ? null : Integer.valueOf(group.id()),
        group == null ? null : group.domainType(),
        ops == null ? null : ops.symbol(),
        pci.untrusted(),
        group == null || driver == null ? ImmutableList.of() : driver.reservedRegions(pci),
        group == null || driver == null ? null : addressBits(driver, pci),
        state.lacking(),
        state.summary(),
        state.decisions());
  }

  private static @Nullable Integer addressBits(IommuDriver driver, PciDevice pci) {
    OptionalInt bits = driver.addressBits(pci);
    return bits.isPresent() ? bits.getAsInt() : null;
  }

  static ImmutableList<GroupReport> groups(ImmutableList<IommuGroup> groups, IommuDriver driver) {
    return groups.stream()
        .map(group -> group(group, driver))
        .collect(ImmutableList.toImmutableList());
  }

  private static GroupReport group(IommuGroup group, IommuDriver driver) {
    ReservedRegions regions = new ReservedRegions();
    group.members().forEach(member -> regions.addAll(driver.reservedRegions(member)));
    return new GroupReport(
        group.id(),
        group.domainType(),
        group.members().stream().map(PciDevice::address).collect(ImmutableList.toImmutableList()),
        regions.toList());
  }
}
