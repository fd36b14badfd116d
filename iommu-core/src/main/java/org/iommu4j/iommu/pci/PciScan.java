package org.iommu4j.iommu.pci;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
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
  private final ImmutableList.Builder<PciBus> rootBuses = ImmutableList.builder();

  PciScan(Collection<PciFunctionFacts> functions) {
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

  // A bus that is still unseen when all lower ones were followed has no bridge leading to it.
  private void scanRootBuses() {
    while (!unseen.isEmpty()) {
      PciAddress first = unseen.firstKey();
      PciBus bus = new PciBus(first.domain(), first.bus(), 0xff, null, null);
      rootBuses.add(bus);
      scan(bus);
    }
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

  // A bridge whose secondary number is not above its own bus would be reconfigured by the kernel;
  // that rule also keeps a malicious image from making a loop.
  private @Nullable PciBus busBehind(PciDevice device) {
    int header = device.headerType();
    if (header != 1 && header != 2) {
      return null;
    }
    int secondary = device.config().readByte(0x19);
    int subordinate = device.config().readByte(0x1a);
    PciBus bus = device.bus();
    boolean sane = secondary > bus.number() && secondary <= subordinate;
    if (!sane || buses.containsKey(key(bus.domain(), secondary))) {
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
      PciAddress vf = PciAddress.ofDevfn(pf.domain(), place >> 8, place & 0xff);
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
