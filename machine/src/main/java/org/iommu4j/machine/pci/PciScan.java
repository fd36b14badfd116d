package org.iommu4j.machine.pci;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Walks the functions of a machine as the kernel scans its buses, and links them on the way. */
final class PciScan {
  private static final int CAPABILITY_SRIOV = 0x10;
  private static final int DEVICE_CONTROL_2 = 0x28;
  private static final int DEVICE_CONTROL_2_ARI = 0x20;

  private final TreeMap<PciAddress, PciFunctionFacts> unseen = new TreeMap<>();
  private final Map<PciAddress, PciAddress> physicalFunctions = new LinkedHashMap<>();
  private final Map<PciAddress, PciDevice> devices = new LinkedHashMap<>();
  private final Map<Integer, PciBus> buses = new LinkedHashMap<>();
  private final RootBusOrder order;
  private final ImmutableList.Builder<PciBus> rootBuses = ImmutableList.builder();

  PciScan(Collection<PciFunctionFacts> functions, RootBusOrder order) {
    this.order = order;
    functions.forEach(function -> unseen.putIfAbsent(function.address(), function));
    unseen.values().forEach(this::noteVirtualFunctions);
  }

  PciTopology run() {
    Map<PciAddress, PciFunctionFacts> virtual = new LinkedHashMap<>();
    physicalFunctions.forEach(
        (vf, pf) -> {
          PciFunctionFacts facts = unseen.remove(vf);
          if (facts != null) {
            virtual.put(vf, facts);
          }
        });
    scanRootBuses();
    virtual.values().forEach(this::addVirtualFunction);
    scanRootBuses();
    return new PciTopology(ImmutableMap.copyOf(devices), rootBuses.build());
  }

  // A bus that no bridge leads to is a root bus. A bridge on a later root bus never leads to an
  // earlier one, so that bridges can be looked for before any order is known.
  private void scanRootBuses() {
    for (PciAddress root : order.sort(rootsAmong(unseen.values()))) {
      if (unseen.keySet().stream().anyMatch(at -> isOn(root, at))) {
        PciBus bus = new PciBus(root.domain(), root.bus(), 0xff, null, null);
        rootBuses.add(bus);
        scan(bus);
      }
    }
    if (!unseen.isEmpty()) {
      scanRootBuses();
    }
  }

  private static boolean isOn(PciAddress bus, PciAddress at) {
    return bus.domain() == at.domain() && bus.bus() == at.bus();
  }

  // Buses that only bridges claim which are themselves out of reach would be missed: the lowest bus
  // that is left is always taken for a root bus.
  private static Set<PciAddress> rootsAmong(Collection<PciFunctionFacts> functions) {
    Set<PciAddress> roots = new TreeSet<>();
    Set<Integer> behind = new HashSet<>();
    for (PciFunctionFacts function : functions) {
      PciAddress at = function.address();
      if (!behind.contains(key(at.domain(), at.bus()))) {
        roots.add(new PciAddress(at.domain(), at.bus(), 0, 0));
      }
      int secondary = function.config().readByte(0x19);
      if (isBridge(function.config().headerType()) && isSane(at.bus(), function.config())) {
        behind.add(key(at.domain(), secondary));
      }
    }
    return roots;
  }

  private static boolean isBridge(int headerType) {
    return headerType == 1 || headerType == 2;
  }

  // A bridge whose secondary number is not above its own bus would be reconfigured by the kernel;
  // that rule also keeps a malicious image from making a loop.
  private static boolean isSane(int bus, ConfigSpace config) {
    int secondary = config.readByte(0x19);
    return secondary > bus && secondary <= config.readByte(0x1a);
  }

  private void scan(PciBus bus) {
    buses.put(key(bus.domain(), bus.number()), bus);
    takeFunctionsOf(bus);
    for (PciDevice device : bus.devices()) {
      PciBus behind = busBehind(device);
      if (behind != null) {
        device.setSubordinate(behind);
        scan(behind);
      }
    }
  }

  private void takeFunctionsOf(PciBus bus) {
    PciAddress from = new PciAddress(bus.domain(), bus.number(), 0, 0);
    PciAddress to = new PciAddress(bus.domain(), bus.number(), 0x1f, 7);
    Map<PciAddress, PciFunctionFacts> here = unseen.subMap(from, true, to, true);
    boolean ari = forwardsAri(bus.self());
    for (PciFunctionFacts facts : here.values()) {
      boolean later = facts.address().function() != 0 || (ari && facts.address().devfn() != 0);
      boolean multifunction = later || facts.config().headerSaysMultifunction();
      add(new PciDevice(facts, bus, multifunction, null), bus);
    }
    here.clear();
  }

  private void add(PciDevice device, PciBus bus) {
    bus.add(device);
    devices.put(device.address(), device);
  }

  private @Nullable PciBus busBehind(PciDevice device) {
    if (!isBridge(device.headerType())) {
      return null;
    }
    int secondary = device.config().readByte(0x19);
    int subordinate = device.config().readByte(0x1a);
    PciBus bus = device.bus();
    if (!isSane(bus.number(), device.config()) || buses.containsKey(key(bus.domain(), secondary))) {
      return null;
    }
    return new PciBus(bus.domain(), secondary, subordinate, bus, device);
  }

  private static boolean forwardsAri(@Nullable PciDevice bridge) {
    if (bridge == null || !bridge.isPcie()) {
      return false;
    }
    int control = bridge.config().readWord(bridge.pcieCapability() + DEVICE_CONTROL_2);
    return control != 0xffff && (control & DEVICE_CONTROL_2_ARI) != 0;
  }

  // drivers/pci/iov.c:pci_iov_virtfn_bus and pci_iov_virtfn_devfn.
  private void noteVirtualFunctions(PciFunctionFacts facts) {
    ConfigSpace config = facts.config();
    int capability = config.findExtendedCapability(CAPABILITY_SRIOV);
    if (capability == 0 || (config.readWord(capability + 0x08) & 1) == 0) {
      return;
    }
    int count = config.readWord(capability + 0x10);
    int offset = config.readWord(capability + 0x14);
    int stride = config.readWord(capability + 0x16);
    PciAddress pf = facts.address();
    for (int id = 0; id < count; id++) {
      int place = pf.requesterId() + offset + stride * id;
      if (offset == 0 || place > 0xffff) {
        return;
      }
      PciAddress vf = PciAddress.ofRequesterId(pf.domain(), place);
      if (unseen.containsKey(vf) && !vf.equals(pf)) {
        physicalFunctions.putIfAbsent(vf, pf);
      }
    }
  }

  private void addVirtualFunction(PciFunctionFacts facts) {
    PciAddress pfAddress = physicalFunctions.get(facts.address());
    PciDevice pf = pfAddress == null ? null : devices.get(pfAddress);
    if (pf == null) {
      unseen.put(facts.address(), facts);
      return;
    }
    int number = facts.address().bus();
    PciBus bus =
        buses.computeIfAbsent(
            key(facts.address().domain(), number),
            key -> new PciBus(facts.address().domain(), number, number, pf.bus(), null));
    add(new PciDevice(facts, bus, false, pf), bus);
  }

  private static int key(int domain, int bus) {
    return domain << 8 | bus;
  }
}
