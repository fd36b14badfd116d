package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * An IOMMU group: devices that the hardware cannot tell apart or that reach each other past it, and
 * that therefore share one domain.
 *
 * <p>Thread-safe. The group's monitor is the kernel's mutex: who changes its members or its domain
 * holds it.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:struct iommu_group}.
 */
public final class IommuGroup {
  private final int id;
  private final List<GroupListener> listeners = new CopyOnWriteArrayList<>();

  @GuardedBy("this") private final List<PciDevice> members = new ArrayList<>();

  @GuardedBy("this") private @Nullable DomainType domainType;

  @GuardedBy("this") private @Nullable IommuDomain defaultDomain;

  @GuardedBy("this") private @Nullable IommuDomain domain;

  @GuardedBy("this") private final GroupOwner owner = new GroupOwner();

  IommuGroup(int id) {
    this.id = id;
  }

  /** Returns the group's number, as in {@code /sys/kernel/iommu_groups}. */
  public int id() {
    return id;
  }

  /** Returns the members in the order in which they were added. */
  public synchronized ImmutableList<PciDevice> members() {
    return ImmutableList.copyOf(members);
  }

  synchronized void add(PciDevice device) {
    members.add(device);
  }

  /** Takes a member out; returns whether none is left. */
  synchronized boolean remove(PciDevice device) {
    members.remove(device);
    return members.isEmpty();
  }

  /** Returns the type of the default domain, or null if none was chosen. */
  synchronized @Nullable DomainType domainType() {
    return domainType;
  }

  synchronized void setDomainType(DomainType chosen) {
    domainType = chosen;
  }

  /** Returns the domain that the group has while nobody else owns it, if it has one. */
  public synchronized Optional<IommuDomain> defaultDomain() {
    return Optional.ofNullable(defaultDomain);
  }

  synchronized void setDefaultDomain(IommuDomain made) {
    defaultDomain = made;
    if (domain == null) {
      domain = made;
    }
  }

  /** Returns the domain that the group is attached to, if any. */
  public synchronized Optional<IommuDomain> domain() {
    return Optional.ofNullable(domain);
  }

  synchronized void setDomain(@Nullable IommuDomain attached) {
    domain = attached;
  }

  /** Returns who has the group; the caller holds the group's monitor. */
  synchronized GroupOwner owner() {
    return owner;
  }

  /**
   * Lets a listener hear of drivers that come and go, after those that came before it.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_register_notifier}.
   */
  public void registerNotifier(GroupListener listener) {
    listeners.add(listener);
  }

  /**
   * Lets a listener hear no more; nothing happens if it never did.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_unregister_notifier}.
   */
  public void unregisterNotifier(GroupListener listener) {
    listeners.remove(listener);
  }

  void notifyListeners(GroupEvent event, PciDevice device) {
    listeners.forEach(listener -> listener.changed(event, device));
  }

  @Override
  public String toString() {
    return "group " + id;
  }
}
