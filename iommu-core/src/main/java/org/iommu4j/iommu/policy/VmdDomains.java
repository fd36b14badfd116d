package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommu4j.iommu.pci.PciBus;
import org.iommu4j.iommu.pci.PciDevice;
import org.iommu4j.iommu.pci.PciResource;
import org.iommu4j.iommu.pci.PciTopology;
import org.iommu4j.iommu.pci.quirks.VmdControllers;

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
    List<PciDevice> free = new ArrayList<>();
    for (PciDevice device : topology.devices()) {
      if (VmdControllers.contains(device.vendorId(), device.deviceId())) {
        free.add(device);
      }
    }
    List<PciBus> hidden = new ArrayList<>();
    for (PciBus bus : topology.rootBuses()) {
      if (bus.domain() >= VmdControllers.FIRST_DOMAIN) {
        hidden.add(bus);
      }
    }
    Map<PciBus, PciDevice> found = new LinkedHashMap<>();
    for (PciBus bus : hidden) {
      for (PciDevice controller : ImmutableList.copyOf(free)) {
        if (!found.containsKey(bus) && leadsTo(controller, bus)) {
          found.put(bus, controller);
          free.remove(controller);
        }
      }
    }
    for (PciBus bus : hidden) {
      if (!found.containsKey(bus) && !free.isEmpty()) {
        found.put(bus, free.remove(0));
      }
    }
    return ImmutableMap.copyOf(found);
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
