package org.iommu4j.iommu;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * Attaches groups to domains, a member at a time. Thread-safe: the group is locked.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:__iommu_attach_group}, {@code __iommu_detach_group}.
 */
final class GroupDomains {
  private final IommuDriver driver;
  private final ImmutableMap<PciDevice, Device> devices;

  GroupDomains(IommuDriver driver, Map<PciDevice, Device> devices) {
    this.driver = driver;
    this.devices = ImmutableMap.copyOf(devices);
  }

  /**
   * Attaches all members. A member that is refused ends it, and those before it stay attached.
   *
   * @return 0 or a negative error number
   */
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

  /** As {@link #attach}, but only if the group has no other member. */
  int attachAlone(IommuDomain domain, IommuGroup group) {
    synchronized (group) {
      return group.members().size() == 1 ? attach(domain, group) : Errno.EINVAL;
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

  /** Attaches one device, whatever its group is attached to. */
  int attachMember(IommuDomain domain, PciDevice member) {
    @Nullable Device device = devices.get(member);
    return device == null ? Errno.ENODEV : driver.attachDevice(domain, member, device);
  }

  /** Gives a group back to its default domain; the domain given counts only if it has none. */
  void detach(IommuDomain domain, IommuGroup group) {
    synchronized (group) {
      IommuDomain usual = group.defaultDomain().orElse(null);
      if (usual == null) {
        group.members().forEach(member -> detachMember(domain, member));
        group.setDomain(null);
      } else if (group.domain().orElse(null) != usual && attachMembers(usual, group) == 0) {
        group.setDomain(usual);
      }
    }
  }

  /** As {@link #detach}, but only if the group has no other member. */
  void detachAlone(IommuDomain domain, IommuGroup group) {
    synchronized (group) {
      if (group.members().size() == 1) {
        detach(domain, group);
      }
    }
  }

  private void detachMember(IommuDomain domain, PciDevice member) {
    Device device = devices.get(member);
    if (device != null) {
      driver.detachDevice(domain, member, device);
    }
  }
}
