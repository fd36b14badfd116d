package org.iommu4j.iommu;

import com.google.common.collect.ImmutableMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.pci.PciAddress;
import org.iommu4j.iommu.pci.PciDevice;
import org.iommu4j.iommu.policy.DomainType;
import org.iommu4j.iommu.policy.ReservedRegion;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;

/**
 * Gives each group that was decided on its domain, maps what firmware wants mapped, and attaches
 * the group's members.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:bus_iommu_probe}.
 */
final class DomainSetup {
  private static final long PAGE_BYTES = 4096;

  private final IommuDriver driver;
  private final Map<PciDevice, Device> devices;
  private final IommuTracepoints tracepoints;
  private final ImmutableMap.Builder<PciAddress, IommuDomain> domains = ImmutableMap.builder();

  private DomainSetup(
      IommuDriver driver, Map<PciDevice, Device> devices, IommuTracepoints tracepoints) {
    this.driver = driver;
    this.devices = devices;
    this.tracepoints = tracepoints;
  }

  static ImmutableMap<PciAddress, IommuDomain> run(
      IommuDriver driver,
      List<IommuGroup> groups,
      Map<PciDevice, Device> devices,
      IommuTracepoints tracepoints) {
    DomainSetup setup = new DomainSetup(driver, devices, tracepoints);
    setup.tellGroups(groups);
    groups.forEach(setup::setUp);
    return setup.domains.buildOrThrow();
  }

  private void tellGroups(List<IommuGroup> groups) {
    Map<PciDevice, IommuGroup> groupOf = new HashMap<>();
    groups.forEach(group -> group.members().forEach(member -> groupOf.put(member, group)));
    for (PciDevice device : devices.keySet()) {
      IommuGroup group = groupOf.get(device);
      if (group != null && !BusProbe.isMadeByDriver(device)) {
        tracepoints.addDeviceToGroup(device.address(), group.id());
      }
    }
  }

  private void setUp(IommuGroup group) {
    DomainType type = group.domainType();
    if (type == null) {
      return;
    }
    IommuDomain domain = driver.allocDomain(type);
    group.members().stream()
        .filter(member -> !BusProbe.isMadeByDriver(member))
        .forEach(member -> mapDirect(domain, member));
    group.members().forEach(member -> attach(domain, member));
    group.members().stream()
        .filter(BusProbe::isMadeByDriver)
        .forEach(member -> mapDirect(domain, member));
  }

  private void attach(IommuDomain domain, PciDevice member) {
    Device device = devices.get(member);
    if (device != null && driver.attachDevice(domain, member, device) == 0) {
      domains.put(member.address(), domain);
      if (!BusProbe.isMadeByDriver(member)) {
        tracepoints.attachDeviceToDomain(member.address());
      }
    }
  }

  /** Source: {@code drivers/iommu/iommu.c:iommu_create_device_direct_mappings}. */
  private void mapDirect(IommuDomain domain, PciDevice member) {
    if (domain.type() != DomainType.DMA) {
      return;
    }
    for (ReservedRegion region : driver.reservedRegions(member)) {
      domain.applyReservedRegion(region);
      boolean told = !BusProbe.isMadeByDriver(member);
      if (region.type().isDirect()
          && !mapDirect(domain, region, told ? tracepoints : IommuTracepoints.NONE)) {
        return;
      }
    }
  }

  private static boolean mapDirect(
      IommuDomain domain, ReservedRegion region, IommuTracepoints tracepoints) {
    long end = alignUp(region.last() + 1);
    for (long at = alignUp(region.first()); Long.compareUnsigned(at, end) < 0; at += PAGE_BYTES) {
      if (domain.iovaToPhys(at) == 0) {
        if (domain.map(at, at, PAGE_BYTES, IommuDomain.READ | IommuDomain.WRITE) != 0) {
          return false;
        }
        tracepoints.map(at, at, PAGE_BYTES);
      }
    }
    return true;
  }

  private static long alignUp(long address) {
    return address + PAGE_BYTES - 1 & -PAGE_BYTES;
  }
}
