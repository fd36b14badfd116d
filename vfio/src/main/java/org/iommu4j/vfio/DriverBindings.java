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
import org.iommu4j.iommu.spi.IommuCapability;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vfio.policy.DriverStanding;
import org.iommu4j.vfio.policy.GroupMember;
import org.iommu4j.vfio.policy.HandoverRules.Trait;
import org.iommu4j.vfio.policy.VfioPciProbePolicy;
import org.iommu4j.vfio.policy.VfioPciProbePolicy.Surroundings;
import org.iommu4j.vfio.policy.ViabilityPolicy;
import org.iommu4j.vfio.release.VfioRules;
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
  private final VfioRules rules;
  private final GroupClaims claims;

  @GuardedBy("this") private final Map<PciAddress, String> overrides = new HashMap<>();

  private final Set<PciAddress> unbinding = ConcurrentHashMap.newKeySet();

  @GuardedBy("this") private final Map<Integer, GroupState> groups = new HashMap<>();

  DriverBindings(LinuxSystem system, ImmutableList<PciDevice> devices, VfioRules rules) {
    this.rules = rules;
    this.iommu = system.iommu();
    this.log = system.services().log();
    this.bound = system.devices();
    this.claims =
        rules.handover().does(Trait.CLAIMS_GROUPS)
            ? new ClaimedGroups(iommu)
            : new WatchedGroups(this, rules.viability());
    devices.forEach(device -> this.devices.put(device.address(), device));
    devices.forEach(device -> device.driver().name().ifPresent(name -> restore(device, name)));
  }

  /** Binds a function to the driver that it had when the facts were read. */
  private synchronized void restore(PciDevice device, String driver) {
    if (!driver.equals(VFIO_PCI) || probe(device) == 0) {
      setDriver(device.address(), driver);
      claims.beforeProbe(device, standing(device));
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

  /** Returns a function as viability looks at it. */
  GroupMember member(PciDevice device) {
    return new GroupMember(device.address(), device.headerType(), driver(device.address()));
  }

  private DriverStanding standing(PciDevice device) {
    return ViabilityPolicy.decide(member(device), rules.viability()).standing();
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
   * @return 0; -ENODEV if the function has a driver or the driver does not take it. Some releases
   *     tell more: -EBUSY if the function has a driver or user space has its group, and what the
   *     driver's probe returned
   * @throws IllegalStateException if a group is in use that must not have such a driver: the kernel
   *     stops there, in releases without claims
   */
  public synchronized int bind(PciAddress address, String driver) {
    PciDevice device = device(address);
    String override = overrides.get(address);
    boolean needsOverride = driver.equals(VFIO_PCI) || driver.equals(PCI_STUB);
    if (override == null ? needsOverride : !override.equals(driver)) {
      return Errno.ENODEV;
    }
    if (driver(address) != null) {
      return toldToBinder(Errno.EBUSY);
    }
    setDriver(address, driver);
    DriverStanding standing = standing(device);
    int error = claims.beforeProbe(device, standing);
    if (error != 0) {
      setDriver(address, null);
      return error;
    }
    iommu.busNotify(GroupEvent.BIND_DRIVER, device);
    error = driver.equals(VFIO_PCI) ? probe(device) : 0;
    if (error != 0) {
      setDriver(address, null);
      claims.afterRemoval(device, standing);
      return toldToBinder(error);
    }
    if (driver.equals(PCI_STUB)) {
      log.accept("pci-stub " + address + ": claimed by stub");
    }
    checkLiveGroup(device);
    iommu.busNotify(GroupEvent.BOUND_DRIVER, device);
    return 0;
  }

  /**
   * Source: {@code drivers/base/bus.c:bind_store}, {@code drivers/base/dd.c:device_driver_attach}.
   */
  private int toldToBinder(int error) {
    return rules.handover().does(Trait.TELLS_WHY_NOT_BOUND) ? error : Errno.ENODEV;
  }

  @GuardedBy("this") private int probe(PciDevice device) {
    Optional<IommuGroup> group = iommu.group(device.address());
    VfioPciProbePolicy.Probe probe =
        VfioPciProbePolicy.decide(device, surroundings(group), 0, false, rules.pci());
    probe.log().forEach(line -> log.accept(VFIO_PCI + " " + device.address() + ": " + line));
    if (!probe.isBound()) {
      log.accept(failedProbe(device, probe.error()));
      return probe.error();
    }
    groups
        .computeIfAbsent(
            group.orElseThrow().id(),
            id -> new GroupState(group.orElseThrow(), claims, rules.handover()))
        .register(device.address());
    return 0;
  }

  private Surroundings surroundings(Optional<IommuGroup> group) {
    if (group.isEmpty()) {
      return Surroundings.NO_GROUP;
    }
    return iommu.capable(IommuCapability.CACHE_COHERENCY)
        ? Surroundings.COHERENT
        : Surroundings.NOT_COHERENT;
  }

  /** Source: {@code drivers/base/dd.c:call_driver_probe}. */
  private String failedProbe(PciDevice device, int error) {
    return rules.handover().does(Trait.NAMES_DEVICE_OF_PROBE)
        ? String.format(
            "%s %s: probe with driver %s failed with error %d", VFIO_PCI, device, VFIO_PCI, error)
        : String.format("%s: probe of %s failed with error %d", VFIO_PCI, device, error);
  }

  /** Source: {@code drivers/vfio/vfio.c:vfio_group_nb_verify}. */
  @GuardedBy("this") private void checkLiveGroup(PciDevice device) {
    boolean isLive =
        iommu
            .group(device.address())
            .map(group -> groups.get(group.id()))
            .map(GroupState::isLive)
            .orElse(false);
    if (isLive && !standing(device).isAllowed()) {
      throw new IllegalStateException(
          String.format(
              "kernel BUG: %s is bound to %s of a group in use", driver(device.address()), device));
    }
  }

  /**
   * Takes a function from its driver: {@code echo ADDRESS > .../driver/unbind}. A function that is
   * open, or in some releases the last of a group in a container, stays bound until user space lets
   * go; the kernel's call does not return before, this one does.
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
      DriverStanding standing = standing(device);
      setDriver(address, null);
      claims.afterRemoval(device, standing);
      unbinding.remove(address);
      iommu.busNotify(GroupEvent.UNBOUND_DRIVER, device);
    }
    groups.values().removeIf(GroupState::isUnused);
  }
}
