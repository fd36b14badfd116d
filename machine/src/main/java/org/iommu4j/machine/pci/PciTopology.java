package org.iommu4j.machine.pci;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The buses, bridges and functions of a machine, linked, in the order in which the kernel adds
 * them.
 *
 * <p>The order decides group numbers: on each bus first its functions by number, then what is
 * behind each of its bridges; root buses as firmware lists them; virtual functions last, since a
 * driver makes them.
 *
 * <p>Immutable.
 *
 * <p>Source: {@code drivers/pci/probe.c:pci_scan_child_bus_extend}.
 */
public final class PciTopology {
  private final ImmutableMap<PciAddress, PciDevice> devices;
  private final ImmutableList<PciBus> rootBuses;

  PciTopology(ImmutableMap<PciAddress, PciDevice> devices, ImmutableList<PciBus> rootBuses) {
    this.devices = devices;
    this.rootBuses = rootBuses;
  }

  /**
   * Links functions into a topology.
   *
   * @param functions the functions in any order; of two with one address the later is dropped
   */
  public static PciTopology of(Collection<PciFunctionFacts> functions) {
    return of(functions, RootBusOrder.guessedFrom(functions));
  }

  /**
   * Links functions into a topology whose root buses firmware lists in a known order.
   *
   * @param functions the functions in any order; of two with one address the later is dropped
   * @param order the order of the root buses
   */
  public static PciTopology of(Collection<PciFunctionFacts> functions, RootBusOrder order) {
    return new PciScan(functions, order).run();
  }

  /** Returns all functions, in the order in which the kernel adds them. */
  public ImmutableList<PciDevice> devices() {
    return devices.values().asList();
  }

  /** Returns the function at this address, if there is one. */
  public Optional<PciDevice> device(PciAddress address) {
    return Optional.ofNullable(devices.get(address));
  }

  /** Returns the first function with these ids in the kernel's order, or null if there is none. */
  public @Nullable PciDevice firstWithIds(int vendorId, int deviceId) {
    for (PciDevice device : devices.values()) {
      if (device.vendorId() == vendorId && device.deviceId() == deviceId) {
        return device;
      }
    }
    return null;
  }

  /** Returns the root buses, in the order in which they are scanned. */
  public ImmutableList<PciBus> rootBuses() {
    return rootBuses;
  }
}
