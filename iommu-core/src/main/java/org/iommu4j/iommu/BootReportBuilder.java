package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.Comparator;
import java.util.OptionalInt;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.dma.release.DmaReleases;
import org.iommu4j.iommu.policy.ReservedRegions;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/** Turns the state at the end of a boot into the immutable report. */
final class BootReportBuilder {
  private BootReportBuilder() {}

  static ImmutableList<DeviceReport> devices(
      Collection<DeviceState> states, @Nullable IommuProbe probe, KernelRules rules) {
    return states.stream()
        .map(state -> device(state, probe, rules))
        .sorted(Comparator.comparing(DeviceReport::address))
        .collect(ImmutableList.toImmutableList());
  }

  private static DeviceReport device(
      DeviceState state, @Nullable IommuProbe probe, KernelRules rules) {
    PciDevice pci = state.pci();
    IommuGroup group = state.group();
    return new DeviceReport(
        pci.address(),
        pci.vendorId(),
        pci.deviceId(),
        pci.classCode(),
        group == null ? null : Integer.valueOf(group.id()),
        group == null ? null : group.domainType(),
        opsSymbol(state, rules),
        state.dmaIommu(),
        pci.untrusted(rules.quirks().trust()),
        group == null || probe == null ? ImmutableList.of() : probe.reservedRegions(pci),
        group == null || probe == null ? null : addressBits(probe, pci),
        group == null || probe == null ? null : probe.domainLock(pci),
        state.lacking(),
        state.summary(),
        state.decisions());
  }

  private static @Nullable String opsSymbol(DeviceState state, KernelRules rules) {
    if (state.dmaIommu()) {
      return DmaReleases.rules(rules).symbolOfDevice();
    }
    DmaOps ops = state.device().dmaOps();
    return ops == null ? null : ops.symbol();
  }

  private static @Nullable Integer addressBits(IommuProbe probe, PciDevice pci) {
    OptionalInt bits = probe.addressBits(pci);
    return bits.isPresent() ? bits.getAsInt() : null;
  }

  static ImmutableList<GroupReport> groups(ImmutableList<IommuGroup> groups, IommuProbe probe) {
    return groups.stream()
        .map(group -> group(group, probe))
        .collect(ImmutableList.toImmutableList());
  }

  private static GroupReport group(IommuGroup group, IommuProbe probe) {
    ReservedRegions regions = new ReservedRegions();
    group.members().forEach(member -> regions.addAll(probe.reservedRegions(member)));
    return new GroupReport(
        group.id(),
        group.domainType(),
        group.members().stream().map(PciDevice::address).collect(ImmutableList.toImmutableList()),
        regions.toList());
  }
}
