package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.pci.PciAddress;
import org.iommu4j.iommu.pci.PciDevice;
import org.iommu4j.iommu.policy.DomainType;
import org.iommu4j.iommu.policy.ReservedRegion;
import org.iommu4j.iommu.policy.ReservedRegions;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.Errno;
import org.iommu4j.iommu.spi.IommuCapability;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IotlbGather;
import org.jspecify.annotations.Nullable;

/**
 * The IOMMU API: domains of one's own, which hold exactly what their owner maps, for devices that
 * are handed to user space or to a guest.
 *
 * <p>What the kernel returns is returned: 0 or a negative error number of {@link Errno}, a size, an
 * address. Addresses and sizes are bytes, unsigned. Where the kernel would not survive a call, an
 * {@link IllegalArgumentException} or {@link IllegalStateException} says so.
 *
 * <p>Thread-safe; mapping and unmapping in one domain only for ranges that do not overlap.
 *
 * <p>Source: {@code include/linux/iommu.h}, {@code drivers/iommu/iommu.c}.
 */
public final class IommuApi {
  private final @Nullable IommuDriver driver;
  private final ImmutableList<IommuGroup> groups;
  private final ImmutableMap<PciAddress, IommuGroup> groupOf;
  private final @Nullable GroupDomains attachments;
  private final DomainPages pages;

  @GuardedBy("faultHandlers") private final IdentityHashMap<IommuDomain, FaultHandler> faultHandlers = new IdentityHashMap<>();

  IommuApi(
      @Nullable IommuDriver driver,
      List<IommuGroup> groups,
      Map<PciDevice, Device> devices,
      Consumer<String> log) {
    this.driver = driver;
    this.groups = ImmutableList.copyOf(groups);
    this.attachments = driver == null ? null : new GroupDomains(driver, devices);
    this.pages = new DomainPages(log);
    ImmutableMap.Builder<PciAddress, IommuGroup> byAddress = ImmutableMap.builder();
    for (IommuGroup group : groups) {
      group.members().forEach(member -> byAddress.put(member.address(), group));
    }
    this.groupOf = byAddress.buildOrThrow();
  }

  /**
   * Returns whether an IOMMU translates.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_present}.
   */
  public boolean present() {
    return driver != null;
  }

  /**
   * Returns whether all IOMMUs of the system can do something.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_capable}.
   */
  public boolean capable(IommuCapability capability) {
    return driver != null && driver.capable(capability);
  }

  /** Returns all groups, by number. */
  public ImmutableList<IommuGroup> groups() {
    return groups;
  }

  /**
   * Returns the group of the device at this address, if it has one.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_get}.
   */
  public Optional<IommuGroup> group(PciAddress device) {
    return Optional.ofNullable(groupOf.get(device));
  }

  /**
   * Returns the group of this number, if there is one.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_get_by_id}.
   */
  public Optional<IommuGroup> groupById(int id) {
    return groups.stream().filter(group -> group.id() == id).findFirst();
  }

  /**
   * Makes an empty domain for its owner's mappings.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_domain_alloc}.
   *
   * @return the domain, or null if no IOMMU translates or memory ran out
   */
  public @Nullable IommuDomain domainAlloc() {
    return driver == null ? null : driver.allocDomain(DomainType.UNMANAGED);
  }

  /**
   * Frees a domain with all its mappings; a device that is still attached reaches nothing then.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_domain_free}.
   */
  public void domainFree(IommuDomain domain) {
    setFaultHandler(domain, null);
    if (driver != null) {
      driver.freeDomain(domain);
    }
  }

  /**
   * Attaches a device that is alone in its group.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_attach_device}.
   *
   * @return 0; -ENODEV if the device has no group, -EINVAL if it is not alone there, or what {@link
   *     #attachGroup} returns
   */
  public int attachDevice(IommuDomain domain, PciAddress device) {
    IommuGroup group = groupOf.get(device);
    return group == null || attachments == null
        ? Errno.ENODEV
        : attachments.attachAlone(domain, group);
  }

  /**
   * Gives a device that is alone in its group back to its default domain; nothing happens if it is
   * not alone.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_detach_device}.
   */
  public void detachDevice(IommuDomain domain, PciAddress device) {
    IommuGroup group = groupOf.get(device);
    if (group != null && attachments != null) {
      attachments.detachAlone(domain, group);
    }
  }

  /**
   * Attaches all devices of a group. If one of them is refused, those before it stay attached,
   * while the group is said to be in the domain that it was in.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_attach_group}.
   *
   * @return 0; -EBUSY if the group is attached to another domain than its default one; or the
   *     vendor's error number
   */
  public int attachGroup(IommuDomain domain, IommuGroup group) {
    return attachments == null ? Errno.ENODEV : attachments.attach(domain, group);
  }

  /**
   * Gives a group back to its default domain, whichever it is attached to.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_detach_group}.
   *
   * @param domain what a group without a default domain is detached from
   */
  public void detachGroup(IommuDomain domain, IommuGroup group) {
    if (attachments != null) {
      attachments.detach(domain, group);
    }
  }

  /**
   * Returns the domain that a device's group is attached to, if any.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_get_domain_for_dev}.
   */
  public Optional<IommuDomain> domainForDevice(PciAddress device) {
    return group(device).flatMap(IommuGroup::domain);
  }

  /**
   * Maps a range, in pages as large as addresses, size and domain allow.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_map}.
   *
   * @param protection bits {@link IommuDomain#READ}, {@link IommuDomain#WRITE} and {@link
   *     IommuDomain#CACHE}
   * @return 0; -EINVAL if the domain is not for mapping or an address or the size is no multiple of
   *     its smallest page; or the vendor's error number, after which nothing is mapped
   */
  public int map(IommuDomain domain, long iova, long phys, long sizeBytes, int protection) {
    int error = pages.map(domain, iova, phys, sizeBytes, protection);
    if (error == 0) {
      domain.iotlbSyncMap();
    }
    return error;
  }

  /**
   * Maps the entries of a list to one run of I/O addresses.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_map_sg}.
   *
   * @return how many bytes were mapped: all, or 0 if it failed and nothing is
   */
  public long mapSg(IommuDomain domain, long iova, ScatterList list, int protection) {
    return pages.mapSg(domain, iova, list, protection);
  }

  /**
   * Unmaps a range, and larger pages that it touches as a whole; when it returns, the hardware has
   * forgotten them.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_unmap}.
   *
   * @return how many bytes were unmapped, which may be more or fewer than asked
   */
  public long unmap(IommuDomain domain, long iova, long sizeBytes) {
    return pages.unmap(domain, iova, sizeBytes);
  }

  /**
   * As {@link #unmap}, but what the hardware may still have cached is only noted, for {@link
   * #iotlbSync}.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_unmap_fast}.
   */
  public long unmapFast(IommuDomain domain, long iova, long sizeBytes, IotlbGather gather) {
    return pages.unmap(domain, iova, sizeBytes, gather);
  }

  /**
   * Makes the hardware forget what was gathered, which is then empty.
   *
   * <p>Source: {@code include/linux/iommu.h:iommu_iotlb_sync}.
   */
  public void iotlbSync(IommuDomain domain, IotlbGather gather) {
    domain.iotlbSync(gather);
    gather.reset();
  }

  /**
   * Makes the hardware forget all of a domain, if the vendor leaves that to the caller.
   *
   * <p>Source: {@code include/linux/iommu.h:iommu_flush_iotlb_all}.
   */
  public void flushIotlbAll(IommuDomain domain) {
    domain.flushIotlbAll();
  }

  /**
   * Returns what an I/O address translates to; 0 if to nothing.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_iova_to_phys}.
   */
  public long iovaToPhys(IommuDomain domain, long iova) {
    return domain.iovaToPhys(iova);
  }

  /**
   * Returns the addresses that a domain can map.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_domain_get_attr}, {@code DOMAIN_ATTR_GEOMETRY}.
   */
  public DomainGeometry geometry(IommuDomain domain) {
    return domain.geometry();
  }

  /**
   * Returns an attribute of a domain but its geometry, which is no number.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_domain_get_attr}.
   *
   * @return the value, at least 0; -EINVAL if the vendor does not know it
   */
  public int attribute(IommuDomain domain, DomainAttribute attribute) {
    return switch (attribute) {
      case GEOMETRY -> throw new IllegalArgumentException("GEOMETRY is no number: call geometry()");
      case PAGING -> domain.pageSizes() == 0 ? 0 : 1;
      default -> domain.attribute(attribute);
    };
  }

  /**
   * Sets an attribute of a domain.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_domain_set_attr}.
   *
   * @return 0 or a negative error number
   */
  public int setAttribute(IommuDomain domain, DomainAttribute attribute, int value) {
    return domain.setAttribute(attribute, value);
  }

  /**
   * Returns the regions that are not to be mapped for a device, in the vendor's order.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_get_resv_regions}.
   */
  public ImmutableList<ReservedRegion> reservedRegions(PciDevice device) {
    return driver == null ? ImmutableList.of() : driver.reservedRegions(device);
  }

  /**
   * Returns the regions that are not to be mapped for a group, sorted and merged.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_get_group_resv_regions}.
   */
  public ImmutableList<ReservedRegion> reservedRegions(IommuGroup group) {
    ReservedRegions regions = new ReservedRegions();
    group.members().forEach(member -> regions.addAll(reservedRegions(member)));
    return regions.toList();
  }

  /**
   * Sets who is told of a domain's faults; null for nobody.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_set_fault_handler}.
   */
  public void setFaultHandler(IommuDomain domain, @Nullable FaultHandler handler) {
    synchronized (faultHandlers) {
      if (handler == null) {
        faultHandlers.remove(domain);
      } else {
        faultHandlers.put(domain, handler);
      }
    }
  }

  /**
   * Tells a domain's handler of a fault.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:report_iommu_fault}.
   *
   * @return what the handler returns; -ENOSYS if there is none
   */
  public int reportFault(IommuDomain domain, PciDevice device, long iova, int flags) {
    FaultHandler handler;
    synchronized (faultHandlers) {
      handler = faultHandlers.get(domain);
    }
    return handler == null ? Errno.ENOSYS : handler.fault(domain, device, iova, flags);
  }

  /**
   * Passes on to the listeners of a device's group that its driver comes or goes; nothing happens
   * if it has no group.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_bus_notifier}.
   */
  public void busNotify(GroupEvent event, PciDevice device) {
    group(device.address()).ifPresent(group -> group.notifyListeners(event, device));
  }
}
