package org.iommu4j.testkit.skeleton;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.IommuCapability;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.pci.PciDevice;

/**
 * A driver at work that keeps which device is attached where. Thread-safe.
 *
 * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, whose optional members are left out.
 */
final class SkeletalDriver implements IommuDriver {
  private final SystemServices services;
  private final Function<DomainType, SkeletalDomain> domains;
  private final SkeletalDomain identity;
  private final Map<PciDevice, IommuDomain> attached = new ConcurrentHashMap<>();

  SkeletalDriver(SystemServices services, Function<DomainType, SkeletalDomain> domains) {
    this.services = services;
    this.domains = domains;
    this.identity = domains.apply(DomainType.IDENTITY);
  }

  @Override
  public IommuDomain allocDomain(DomainType type) {
    return type == DomainType.IDENTITY ? identity : domains.apply(type);
  }

  @Override
  public void freeDomain(IommuDomain domain) {
    if (domain != identity) {
      attached.values().removeIf(domain::equals);
      ((SkeletalDomain) domain).release();
    }
  }

  @Override
  public int attachDevice(IommuDomain domain, PciDevice pci, Device device) {
    attached.put(pci, domain);
    device.setIommuPrivate(domain);
    return 0;
  }

  @Override
  public void detachDevice(IommuDomain domain, PciDevice pci, Device device) {
    attached.remove(pci);
    device.setIommuPrivate(null);
  }

  /** Memory has one content, which devices and CPUs see alike. */
  @Override
  public boolean capable(IommuCapability capability) {
    return capability == IommuCapability.CACHE_COHERENCY;
  }

  @Override
  public void enableTranslation() {}

  @Override
  public BusMaster busMaster(PciDevice device) {
    return new PagedBusMaster(services.memory(), (iova, right) -> translate(device, iova, right));
  }

  private long translate(PciDevice device, long iova, int right) {
    IommuDomain domain = attached.get(device);
    if (domain == null) {
      return -1;
    }
    return domain == identity ? iova : ((SkeletalDomain) domain).translate(iova, right);
  }
}
