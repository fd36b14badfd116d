package org.iommu4j.iommu.policy;

import static org.iommu4j.machine.pci.quirks.AcsFlags.ISOLATION;

import java.util.Random;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;

/** Makes machines of ports, switches, bridges and endpoints; the same from the same seed. */
final class RandomMachines {
  private static final int MAX_BUS = 40;

  private final Random random;
  private final TopologyBuilder builder = new TopologyBuilder();
  private int lastBus;

  private RandomMachines(long seed) {
    random = new Random(seed);
  }

  static TopologyBuilder of(long seed) {
    RandomMachines machines = new RandomMachines(seed);
    machines.fillRootBus();
    return machines.builder;
  }

  private void fillRootBus() {
    int slots = 2 + random.nextInt(5);
    for (int slot = 0; slot < slots; slot++) {
      int functions = 1 + random.nextInt(3);
      boolean ports = random.nextInt(3) > 0;
      for (int function = 0; function < functions; function++) {
        if (ports && lastBus < MAX_BUS) {
          addBridge(0, slot, function, functions > 1, PcieType.ROOT_PORT, 0);
        } else {
          add(0, slot, function, space(functions > 1, PcieType.ROOT_COMPLEX_ENDPOINT));
        }
      }
    }
  }

  private void addBridge(
      int bus, int slot, int function, boolean several, PcieType type, int depth) {
    int secondary = ++lastBus;
    ConfigSpaces bridge = space(several, type);
    fillBus(secondary, type, depth + 1);
    add(bus, slot, function, bridge.bridge(secondary, lastBus));
  }

  private void fillBus(int bus, PcieType above, int depth) {
    boolean room = depth < 5 && lastBus < MAX_BUS;
    if (above == PcieType.UPSTREAM_PORT) {
      for (int slot = 0; slot <= random.nextInt(3) && lastBus < MAX_BUS; slot++) {
        addBridge(bus, slot, 0, false, PcieType.DOWNSTREAM_PORT, depth);
      }
    } else if (above == PcieType.PCIE_TO_PCI_BRIDGE) {
      for (int slot = 0; slot <= random.nextInt(3); slot++) {
        add(bus, slot, 0, ConfigSpaces.plain());
      }
    } else if (room && random.nextInt(3) == 0) {
      addBridge(bus, 0, 0, false, PcieType.UPSTREAM_PORT, depth);
    } else if (room && random.nextInt(4) == 0) {
      addBridge(bus, 0, 0, false, PcieType.PCIE_TO_PCI_BRIDGE, depth);
    } else {
      int functions = 1 + random.nextInt(3);
      for (int function = 0; function < functions; function++) {
        add(bus, 0, function, space(functions > 1, PcieType.ENDPOINT));
      }
    }
  }

  private ConfigSpaces space(boolean several, PcieType type) {
    ConfigSpaces space =
        switch (random.nextInt(8)) {
          case 0 -> ConfigSpaces.of(0x8086, 0x1521);
          case 1 -> ConfigSpaces.of(0x8086, 0x10d3);
          case 2 -> ConfigSpaces.of(0x1b4b, 0x9123);
          case 3 -> ConfigSpaces.of(0x1180, 0xe832);
          default -> ConfigSpaces.plain();
        };
    if (random.nextInt(8) > 0 || type != PcieType.ROOT_COMPLEX_ENDPOINT) {
      space.pcie(type);
    }
    if (random.nextInt(3) == 0 && type != PcieType.PCIE_TO_PCI_BRIDGE) {
      space.acs(random.nextBoolean() ? ISOLATION : random.nextInt(0x80), random.nextInt(0x80));
    }
    return several ? space.multifunction() : space;
  }

  private void add(int bus, int slot, int function, ConfigSpaces space) {
    builder.add(String.format("%02x:%02x.%d", bus, slot, function), space);
  }
}
