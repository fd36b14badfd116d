package org.iommu4j.vfio;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.GroupEvent;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vfio.policy.GroupMember;
import org.iommu4j.vfio.policy.VfioPciProbePolicy;
import org.iommu4j.vfio.policy.ViabilityPolicy;
import org.iommu4j.vfio.policy.ViabilityRules;
import org.jspecify.annotations.Nullable;

/**
 * Which PCI function is bound to which driver, as user space changes it in sysfs; at first, to the
 * one that the machine's facts name.
 *
 * <p>Of the host's drivers the model knows nothing but their names, so that a caller may bind any
 * of them to any function. {@code vfio-pci} and {@code pci-stub} take a function only after {@link
 * #setDriverOverride}.
 *
 * <p>Thread-safe; its lock, which only changes take, comes before a group's.
 *
 * <p>Source: {@code drivers/base/bus.c:bind_store}, {@code drivers/pci/pci-sysfs.c}.
 */
public final class DriverBindings {
  private static final String VFIO_PCI = "vfio-pci";
  private static final String PCI_STUB = "pci-stub";

  private final IommuApi iommu;
  private final Consumer<String> log;
  private final Map<PciAddress, PciDevice> devices = new HashMap<>();

  private final ImmutableMap<PciAddress, Device> bound;
  private final ViabilityRules viability;

  @GuardedBy("this") private final Map<PciAddress, String> overrides = new HashMap<>();

  private final Set<PciAddress> unbinding = ConcurrentHashMap.newKeySet();

  @GuardedBy("this") private final Map<Integer, GroupState> groups = new HashMap<>();

  DriverBindings(LinuxSystem system, ImmutableList<PciDevice> devices, ViabilityRules viability) {
    this.viability = viability;
    this.iommu = system.iommu();
    this.log = system.services().log();
    this.bound = system.devices();
    devices.forEach(device -> this.devices.put(device.address(), device));
    devices.forEach(device -> device.driver().name().ifPresent(name -> restore(device, name)));
  }

  /** Binds a function to the driver that it had when the facts were read. */
  private synchronized void restore(PciDevice device, String driver) {
    if (!driver.equals(VFIO_PCI) || probe(device)) {
      setDriver(device.address(), driver);
    }
  }

  private PciDevice device(PciAddress address) {
    PciDevice device = devices.get(address);
    if (device == null) {
      throw new IllegalArgumentException("there is no function at " + address);
    }
    return device;
  }

  /** Returns the name of a function's driver, or null if it has none. */
  public @Nullable String driver(PciAddress address) {
    Device device = bound.get(address);
    return device == null ? null : device.driver();
  }

  private void setDriver(PciAddress address, @Nullable String driver) {
    Device device = bound.get(address);
    if (device != null) {
      device.setDriver(driver);
    }
  }

  /** Returns whether a function's driver is being taken away while somebody has it open. */
  public boolean isUnbinding(PciAddress address) {
    return unbinding.contains(address);
  }

  synchronized Optional<GroupState> group(int number) {
    return Optional.ofNullable(groups.get(number));
  }

  /**
   * Says which driver alone may take a function; null for any that knows it.
   *
   * <p>Source: {@code drivers/pci/pci-sysfs.c:driver_override_store}.
   */
  public synchronized void setDriverOverride(PciAddress address, @Nullable String driver) {
    device(address);
    if (driver == null) {
      overrides.remove(address);
    } else {
      overrides.put(address, driver);
    }
  }

  /**
   * Binds a function to a driver: {@code echo ADDRESS > /sys/bus/pci/drivers/DRIVER/bind}.
   *
   * <p>Source: {@code drivers/base/bus.c:bind_store}, {@code drivers/base/dd.c:really_probe}.
   *
   * @return 0; -ENODEV if the function has a driver, the driver does not take it, or its probe
   *     fails
   * @throws IllegalStateException if a group is in use that must not have such a driver: the kernel
   *     stops there
   */
  public synchronized int bind(PciAddress address, String driver) {
    PciDevice device = device(address);
    String override = overrides.get(address);
    boolean needsOverride = driver.equals(VFIO_PCI) || driver.equals(PCI_STUB);
    if (driver(address) != null || (override == null ? needsOverride : !override.equals(driver))) {
      return Errno.ENODEV;
    }
    setDriver(address, driver);
    iommu.busNotify(GroupEvent.BIND_DRIVER, device);
    if (driver.equals(VFIO_PCI) && !probe(device)) {
      setDriver(address, null);
      return Errno.ENODEV;
    }
    if (driver.equals(PCI_STUB)) {
      log.accept("pci-stub " + address + ": claimed by stub");
    }
    checkLiveGroup(device);
    iommu.busNotify(GroupEvent.BOUND_DRIVER, device);
    return 0;
  }

  @GuardedBy("this") private boolean probe(PciDevice device) {
    Optional<IommuGroup> group = iommu.group(device.address());
    VfioPciProbePolicy.Probe probe = VfioPciProbePolicy.decide(device, group.isPresent(), 0, false);
    probe.log().forEach(line -> log.accept(VFIO_PCI + " " + device.address() + ": " + line));
    if (!probe.isBound()) {
      log.accept(
          VFIO_PCI + ": probe of " + device.address() + " failed with error " + probe.error());
      return false;
    }
    groups
        .computeIfAbsent(
            group.orElseThrow().id(), id -> new GroupState(group.orElseThrow(), this, viability))
        .register(device.address());
    return true;
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_group_nb_verify}. */
  @GuardedBy("this") private void checkLiveGroup(PciDevice device) {
    GroupMember member =
        new GroupMember(device.address(), device.headerType(), driver(device.address()));
    boolean isLive =
        iommu
            .group(device.address())
            .map(group -> groups.get(group.id()))
            .map(GroupState::isLive)
            .orElse(false);
    if (isLive && !ViabilityPolicy.decide(member, viability).standing().isAllowed()) {
      throw new IllegalStateException(
          "kernel BUG: " + member.driver() + " is bound to " + device + " of a group in use");
    }
  }

  /**
   * Takes a function from its driver: {@code echo ADDRESS > .../driver/unbind}. A function that is
   * open, or that is the last of a group in a container, stays bound until user space lets go; the
   * kernel's call does not return before, this one does.
   *
   * <p>Source: {@code drivers/base/bus.c:unbind_store}, {@code
   * drivers/base/dd.c:__device_release_driver}, {@code
   * drivers/vfio/vfio.c:vfio_unregister_group_dev}.
   *
   * @return whether the function is without a driver now; else see {@link #isUnbinding}
   */
  public synchronized boolean unbind(PciAddress address) {
    PciDevice device = device(address);
    if (driver(address) != null) {
      if (unbinding.add(address)) {
        iommu.busNotify(GroupEvent.UNBIND_DRIVER, device);
      }
      retryUnbinding();
    }
    return driver(address) == null;
  }

  /** Goes on with what waits for user space. */
  synchronized void retryUnbinding() {
    for (PciAddress address : ImmutableList.copyOf(unbinding)) {
      PciDevice device = device(address);
      GroupState group = iommu.group(address).map(found -> groups.get(found.id())).orElse(null);
      boolean isVfio = VFIO_PCI.equals(driver(address));
      if (isVfio && group != null && group.isHeld(address)) {
        continue;
      }
      if (isVfio && group != null) {
        group.unregister(address);
      }
      setDriver(address, null);
      unbinding.remove(address);
      iommu.busNotify(GroupEvent.UNBOUND_DRIVER, device);
    }
    groups.values().removeIf(GroupState::isUnused);
  }
}
