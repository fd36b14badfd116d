package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommu4j.machine.pci.PciBus;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciResource;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.quirks.VmdControllers;

/**
 * Which volume management device hides which PCI domain.
 *
 * <p>Nothing in configuration space says so. What is behind a controller decodes memory within the
 * controller's own ranges; where that is not known, domains are given to the controllers in turn,
 * as the driver numbers them while it probes.
 *
 * <p>Source: {@code drivers/pci/controller/vmd.c:vmd_enable_domain}.
 */
final class VmdDomains {
  private static final int FIRST_WINDOW = 2; // CFGBAR is resource 0, MEMBAR1 2, MEMBAR2 4

  private VmdDomains() {}

  /** Returns the controllers by the root bus of the domain that they hide. */
  static ImmutableMap<PciBus, PciDevice> controllers(PciTopology topology) {
    List<PciDevice> free = new ArrayList<>(controllersIn(topology));
    List<PciBus> hidden =
        topology.rootBuses().stream()
            .filter(bus -> bus.domain() >= VmdControllers.FIRST_DOMAIN)
            .sorted(Comparator.comparingInt(PciBus::domain))
            .toList();
    Map<PciBus, PciDevice> found = new LinkedHashMap<>();
    for (PciBus bus : hidden) {
      free.stream()
          .filter(controller -> leadsTo(controller, bus))
          .findFirst()
          .ifPresent(controller -> found.put(bus, controller));
      free.remove(found.get(bus));
    }
    for (PciBus bus : hidden) {
      if (!found.containsKey(bus) && !free.isEmpty()) {
        found.put(bus, free.remove(0));
      }
    }
    return ImmutableMap.copyOf(found);
  }

  private static List<PciDevice> controllersIn(PciTopology topology) {
    return topology.devices().stream()
        .filter(device -> VmdControllers.contains(device.vendorId(), device.deviceId()))
        .toList();
  }

  private static boolean leadsTo(PciDevice controller, PciBus bus) {
    List<PciResource> windows = controller.resources();
    for (PciDevice device : bus.devices()) {
      for (PciResource range : device.resources()) {
        for (int i = FIRST_WINDOW; i < windows.size() && range.isMemory(); i++) {
          if (contains(windows.get(i), range)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean contains(PciResource window, PciResource range) {
    return window.isMemory()
        && Long.compareUnsigned(window.start(), range.start()) <= 0
        && Long.compareUnsigned(range.end(), window.end()) <= 0;
  }
}
