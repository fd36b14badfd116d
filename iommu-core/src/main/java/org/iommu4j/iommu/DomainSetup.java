package org.iommu4j.iommu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Gives each group that was decided on its domain, maps what firmware wants mapped, and attaches
 * the group's members.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:bus_iommu_probe}.
 */
final class DomainSetup {
  private final IommuProbe probe;
  private final IommuDriver driver;
  private final GroupDomains attachments;
  private final IommuTracepoints tracepoints;

  private DomainSetup(
      IommuProbe probe,
      IommuDriver driver,
      Map<PciDevice, Device> devices,
      IommuTracepoints tracepoints) {
    this.probe = probe;
    this.driver = driver;
    this.attachments = new GroupDomains(driver, devices);
    this.tracepoints = tracepoints;
  }

  static void run(
      IommuProbe probe,
      IommuDriver driver,
      List<IommuGroup> groups,
      Map<PciDevice, Device> devices,
      IommuTracepoints tracepoints) {
    DomainSetup setup = new DomainSetup(probe, driver, devices, tracepoints);
    setup.tellGroups(groups, devices.keySet());
    groups.forEach(setup::setUp);
  }

  private void tellGroups(List<IommuGroup> groups, Set<PciDevice> devices) {
    Map<PciDevice, IommuGroup> groupOf = new HashMap<>();
    groups.forEach(group -> group.members().forEach(member -> groupOf.put(member, group)));
    for (PciDevice device : devices) {
      IommuGroup group = groupOf.get(device);
      if (group != null && !BusProbe.isMadeByDriver(device)) {
        tracepoints.addDeviceToGroup(device.address(), group.id());
      }
    }
  }

  private void setUp(IommuGroup group) {
    DomainType type = group.domainType();
    IommuDomain domain = type == null ? null : driver.allocDomain(type);
    if (domain == null) {
      return;
    }
    group.setDefaultDomain(domain);
    group.members().stream()
        .filter(member -> !BusProbe.isMadeByDriver(member))
        .forEach(member -> mapDirect(domain, member));
    group.members().forEach(member -> attach(domain, member));
    group.members().stream()
        .filter(BusProbe::isMadeByDriver)
        .forEach(member -> mapDirect(domain, member));
  }

  private void attach(IommuDomain domain, PciDevice member) {
    if (attachments.attachMember(domain, member) == 0 && !BusProbe.isMadeByDriver(member)) {
      tracepoints.attachDeviceToDomain(member.address());
    }
  }

  /** Source: {@code drivers/iommu/iommu.c:iommu_create_device_direct_mappings}. */
  private void mapDirect(IommuDomain domain, PciDevice member) {
    if (domain.type() != DomainType.DMA) {
      return;
    }
    long pageBytes = Long.lowestOneBit(domain.pageSizes());
    IommuTracepoints told = BusProbe.isMadeByDriver(member) ? IommuTracepoints.NONE : tracepoints;
    for (ReservedRegion region : probe.reservedRegions(member)) {
      domain.applyReservedRegion(region);
      if (region.type().isDirect() && !mapDirect(domain, region, pageBytes, told)) {
        return;
      }
    }
    domain.flushIotlbAll();
  }

  private static boolean mapDirect(
      IommuDomain domain, ReservedRegion region, long pageBytes, IommuTracepoints told) {
    long end = alignUp(region.last() + 1, pageBytes);
    for (long at = alignUp(region.first(), pageBytes);
        Long.compareUnsigned(at, end) < 0;
        at += pageBytes) {
      if (domain.iovaToPhys(at) == 0) {
        if (domain.map(at, at, pageBytes, IommuDomain.READ | IommuDomain.WRITE) != 0) {
          return false;
        }
        told.map(at, at, pageBytes);
      }
    }
    return true;
  }

  private static long alignUp(long address, long pageBytes) {
    return address + pageBytes - 1 & -pageBytes;
  }
}
