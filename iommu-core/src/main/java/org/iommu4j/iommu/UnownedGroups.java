package org.iommu4j.iommu;

import java.util.Map;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Groups that whoever wants to attaches to a domain, as long as they are in their default one.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:__iommu_attach_group}, {@code __iommu_detach_group}, of
 * 5.10.
 */
final class UnownedGroups extends GroupDomains {
  UnownedGroups(IommuDriver driver, Map<PciDevice, Device> devices) {
    super(driver, devices);
  }

  /** A member that is refused ends it, and those before it stay attached. */
  @Override
  int attach(IommuDomain domain, IommuGroup group) {
    synchronized (group) {
      IommuDomain usual = group.defaultDomain().orElse(null);
      if (usual != null && group.domain().orElse(null) != usual) {
        return Errno.EBUSY;
      }
      int error = attachMembers(domain, group);
      if (error == 0) {
        group.setDomain(domain);
      }
      return error;
    }
  }

  private int attachMembers(IommuDomain domain, IommuGroup group) {
    for (PciDevice member : group.members()) {
      int error = attachMember(domain, member);
      if (error != 0) {
        return error;
      }
    }
    return 0;
  }

  /** The domain given counts only if the group has no default domain. */
  @Override
  void detach(IommuDomain domain, IommuGroup group) {
    synchronized (group) {
      IommuDomain usual = group.defaultDomain().orElse(null);
      if (usual == null) {
        group.members().forEach(member -> driver().detachDevice(domain, member, device(member)));
        group.setDomain(null);
      } else if (group.domain().orElse(null) != usual && attachMembers(usual, group) == 0) {
        group.setDomain(usual);
      }
    }
  }
}
