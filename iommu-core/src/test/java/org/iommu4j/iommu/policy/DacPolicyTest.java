package org.iommu4j.iommu.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.junit.jupiter.api.Test;

class DacPolicyTest {
  private final PciTopology topology =
      new TopologyBuilder()
          .add("00:01.0", ConfigSpaces.of(0x1106, 0xb188).bridge(1, 3))
          .add("00:02.0", ConfigSpaces.of(0x1106, 0x3059))
          .add("00:04.0", ConfigSpaces.of(0x8086, 0x244e).bridge(4, 4))
          .add("01:00.0", ConfigSpaces.plain())
          .add("01:01.0", ConfigSpaces.of(0x8086, 0x244e).bridge(2, 2))
          .add("02:00.0", ConfigSpaces.plain())
          .add("04:00.0", ConfigSpaces.plain())
          .build();

  private static List<String> names(List<PciDevice> devices) {
    return devices.stream().map(PciDevice::toString).toList();
  }

  @Test
  void onlyBridgesByViaAreSuspectedAndOnlyUnlessTheCommandLineTrustsThem() {
    assertEquals(List.of("0000:00:01.0"), names(DacPolicy.bridges(topology, false)));
    assertEquals(List.of(), DacPolicy.bridges(topology, true));
  }

  @Test
  void allBusesBelowAreMeant() {
    PciDevice bridge = DacPolicy.bridges(topology, false).get(0);
    assertEquals(
        List.of("0000:01:00.0", "0000:01:01.0", "0000:02:00.0"), names(DacPolicy.below(bridge)));
  }
}
