package org.iommu4j.properties;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;

/** Makes random trees of PCI Express ports, switches, conventional bridges and endpoints. */
final class TreeOfFunctions {
  private static final int[] TYPES = {0x0, 0x4, 0x5, 0x6, 0x7, 0x9};
  private static final int EXPRESS = 0x40;
  private static final int ACS = 0x100;

  private final Random random;
  private final List<PciFunctionFacts> functions = new ArrayList<>();
  private int lastBus;

  private TreeOfFunctions(Random random) {
    this.random = random;
  }

  static List<PciFunctionFacts> generate(Random random) {
    TreeOfFunctions tree = new TreeOfFunctions(random);
    tree.bus(0, 0);
    return tree.functions;
  }

  private void bus(int number, int depth) {
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      function(new PciAddress(0, number, i, 0), depth);
      if (random.nextInt(3) == 0) {
        function(new PciAddress(0, number, i, 1), depth);
      }
    }
  }

  private void function(PciAddress address, int depth) {
    byte[] space = new byte[ConfigSpace.EXTENDED_BYTES];
    boolean bridge = depth < 4 && lastBus < 12 && random.nextInt(3) == 0;
    space[0] = (byte) 0x34;
    space[1] = (byte) 0x12;
    space[0x0b] = (byte) (bridge ? 0x06 : random.nextInt(4) == 0 ? 0x03 : 0x02);
    space[0x0a] = (byte) (bridge ? 0x04 : 0);
    space[0x0e] = (byte) ((bridge ? 1 : 0) | (random.nextBoolean() ? 0x80 : 0));
    if (random.nextInt(5) != 0) {
      express(space);
    }
    functions.add(null);
    int place = functions.size() - 1;
    if (bridge) {
      int secondary = ++lastBus;
      space[0x18] = (byte) address.bus();
      space[0x19] = (byte) secondary;
      bus(secondary, depth + 1);
      space[0x1a] = (byte) lastBus;
    }
    functions.set(place, PciFunctionFacts.ofConfig(address, ConfigSpace.of(space)));
  }

  private void express(byte[] space) {
    space[0x06] = 0x10;
    space[0x34] = EXPRESS;
    space[EXPRESS] = 0x10;
    space[EXPRESS + 2] = (byte) (TYPES[random.nextInt(TYPES.length)] << 4 | 2);
    if (random.nextBoolean()) {
      space[ACS] = 0x0d;
      space[ACS + 2] = 1;
      space[ACS + 4] = (byte) random.nextInt(0x40);
      space[ACS + 6] = (byte) random.nextInt(0x40);
    }
  }
}
