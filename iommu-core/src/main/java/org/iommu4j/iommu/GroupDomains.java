package org.iommu4j.iommu;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Map;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.domain.GroupRules;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Attaches groups to domains, a member at a time. Thread-safe: the group is locked.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:__iommu_attach_group}, {@code __iommu_detach_group}.
 */
abstract class GroupDomains {
  private final IommuDriver driver;
  private final ImmutableMap<PciDevice, Device> devices;

  GroupDomains(IommuDriver driver, Map<PciDevice, Device> devices) {
    this.driver = driver;
    this.devices = ImmutableMap.copyOf(devices);
  }

  /** Returns what the release has of them. */
  static GroupDomains of(
      IommuProbe probe,
      IommuDriver driver,
      Map<PciDevice, Device> devices,
      SystemServices services) {
    GroupRules rules = services.rules().groups();
    return rules.does(GroupRules.Trait.HAS_OWNERS)
        ? new OwnedGroups(probe, driver, devices, rules, services.deviceLog())
        : new UnownedGroups(driver, devices);
  }

  final IommuDriver driver() {
    return driver;
  }

  /** Returns the functions that devices stand for. */
  final ImmutableSet<PciDevice> devices() {
    return devices.keySet();
  }

  /** Returns the device that stands for a function. */
  final Device device(PciDevice member) {
    Device device = devices.get(member);
    if (device == null) {
      throw new AssertionError("no device stands for " + member);
    }
    return device;
  }

  /** Attaches all members; returns 0 or a negative error number. */
  abstract int attach(IommuDomain domain, IommuGroup group);

  /** Gives a group back to the domain that it has if nobody attaches it to another. */
  abstract void detach(IommuDomain domain, IommuGroup group);

  /** As {@link #attach}, but only if the group has no other member. */
  final int attachAlone(IommuDomain domain, IommuGroup group) {
    synchronized (group) {
      return group.members().size() == 1 ? attach(domain, group) : Errno.EINVAL;
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

  /** Attaches one device, whatever its group is attached to. */
  final int attachMember(IommuDomain domain, PciDevice member) {
    return devices.containsKey(member)
        ? driver.attachDevice(domain, member, device(member))
        : Errno.ENODEV;
  }
}
