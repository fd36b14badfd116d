package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.policy.ReservedRegions;
import org.iommu4j.iommu.spi.IommuCapability;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
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
public final class IommuApi extends DomainCalls {
  private final @Nullable IommuProbe probe;
  private final @Nullable IommuDriver driver;
  private final ImmutableList<IommuGroup> groups;
  private final ImmutableMap<PciAddress, IommuGroup> groupOf;
  private final @Nullable GroupDomains attachments;

  IommuApi(
      @Nullable IommuProbe probe,
      @Nullable IommuDriver driver,
      List<IommuGroup> groups,
      @Nullable GroupDomains attachments,
      Consumer<String> log) {
    super(log);
    this.probe = probe;
    this.driver = driver;
    this.groups = ImmutableList.copyOf(groups);
    this.attachments = attachments;
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
   * Returns whether the release has owners of groups: if not, the methods about them fail.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_claim_dma_owner}.
   */
  public boolean hasOwners() {
    return attachments instanceof OwnedGroups;
  }

  private OwnedGroups owners() {
    if (attachments instanceof OwnedGroups owned) {
      return owned;
    }
    throw new UnsupportedOperationException("groups have no owners in this release");
  }

  /**
   * Takes a group away from the kernel's drivers: until its owner attaches a domain it reaches
   * nothing.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_claim_dma_owner}.
   *
   * @param claimant who claims it
   * @return 0; -EPERM if the group is claimed or a driver uses it; -EBUSY if it is attached to
   *     another domain than its default one; or why it cannot be blocked
   */
  public int claimDmaOwner(IommuGroup group, Object claimant) {
    return owners().claim(group, claimant);
  }

  /**
   * Gives a claimed group back to the kernel's drivers, in its default domain; nothing happens if
   * it is not claimed.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_release_dma_owner}.
   */
  public void releaseDmaOwner(IommuGroup group) {
    owners().release(group);
  }

  /**
   * Returns whether a group is claimed or a driver uses it.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_dma_owner_claimed}.
   */
  public boolean dmaOwnerClaimed(IommuGroup group) {
    owners();
    synchronized (group) {
      return group.owner().uses() != 0;
    }
  }

  /**
   * Notes that a driver of the kernel is about to use a device's DMA API.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_device_use_default_domain}.
   *
   * @return 0; -EBUSY if the device's group is claimed
   */
  public int useDefaultDomain(PciAddress device) {
    return group(device).map(group -> owners().useDefaultDomain(group)).orElse(0);
  }

  /**
   * Notes that a driver of the kernel no longer uses a device's DMA API.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_device_unuse_default_domain}.
   */
  public void unuseDefaultDomain(PciAddress device) {
    group(device).ifPresent(group -> owners().unuseDefaultDomain(group));
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
   * Returns the regions that are not to be mapped for a device, in the vendor's order.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_get_resv_regions}.
   */
  public ImmutableList<ReservedRegion> reservedRegions(PciDevice device) {
    return probe == null ? ImmutableList.of() : probe.reservedRegions(device);
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
   * Passes on to the listeners of a device's group that its driver comes or goes; nothing happens
   * if it has no group.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_bus_notifier}.
   */
  public void busNotify(GroupEvent event, PciDevice device) {
    group(device.address()).ifPresent(group -> group.notifyListeners(event, device));
  }
}
