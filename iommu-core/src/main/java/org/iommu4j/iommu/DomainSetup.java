package org.iommu4j.iommu;

import java.util.List;
import java.util.Map;
import org.iommu4j.dma.Device;
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
  private final IommuDriver driver;
  private final GroupDomains attachments;

  private DomainSetup(IommuDriver driver, Map<PciDevice, Device> devices) {
    this.driver = driver;
    this.attachments = new GroupDomains(driver, devices);
  }

  static void run(IommuDriver driver, List<IommuGroup> groups, Map<PciDevice, Device> devices) {
    DomainSetup setup = new DomainSetup(driver, devices);
    groups.forEach(setup::setUp);
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
    group.members().forEach(member -> attachments.attachMember(domain, member));
    group.members().stream()
        .filter(BusProbe::isMadeByDriver)
        .forEach(member -> mapDirect(domain, member));
  }

  /** Source: {@code drivers/iommu/iommu.c:iommu_create_device_direct_mappings}. */
  private void mapDirect(IommuDomain domain, PciDevice member) {
    if (domain.type() != DomainType.DMA) {
      return;
    }
    long pageBytes = Long.lowestOneBit(domain.pageSizes());
    for (ReservedRegion region : driver.reservedRegions(member)) {
      domain.applyReservedRegion(region);
      if (region.type().isDirect() && !mapDirect(domain, region, pageBytes)) {
        return;
      }
    }
    domain.flushIotlbAll();
  }

  private static boolean mapDirect(IommuDomain domain, ReservedRegion region, long pageBytes) {
    long end = alignUp(region.last() + 1, pageBytes);
    for (long at = alignUp(region.first(), pageBytes);
        Long.compareUnsigned(at, end) < 0;
        at += pageBytes) {
      if (domain.iovaToPhys(at) == 0
          && domain.map(at, at, pageBytes, IommuDomain.READ | IommuDomain.WRITE) != 0) {
        return false;
      }
    }
    return true;
  }

  private static long alignUp(long address, long pageBytes) {
    return address + pageBytes - 1 & -pageBytes;
  }
}
