package org.iommu4j.iommu.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.junit.jupiter.api.Test;

class AtsPolicyTest {
  private static PciDevice alone(ConfigSpaces space) {
    return new TopologyBuilder().add("00:02.0", space).build().devices().get(0);
  }

  @Test
  void aFunctionWithTheCapabilityMayUseItUnlessItIsForbidden() {
    PciDevice device = alone(ConfigSpaces.plain().ats());
    assertTrue(AtsPolicy.decide(device, false, Linux510.RULES.quirks()).supported());
    assertFalse(AtsPolicy.decide(device, true, Linux510.RULES.quirks()).supported());
    assertFalse(
        AtsPolicy.decide(alone(ConfigSpaces.plain()), false, Linux510.RULES.quirks()).supported());
  }

  @Test
  void aFunctionThatGetsItWrongMayNot() {
    AtsPolicy.Support support =
        AtsPolicy.decide(
            alone(ConfigSpaces.of(0x1002, 0x6900).ats()), false, Linux510.RULES.quirks());
    assertFalse(support.supported());
    assertEquals("drivers/pci/quirks.c:quirk_amd_harvest_no_ats", support.decision().source());
  }

  @Test
  void anUntrustedFunctionMayNot() {
    PciDevice device =
        new TopologyBuilder()
            .addExternal("00:1c.0", ConfigSpaces.plain().bridge(1, 1).pcie(PcieType.ROOT_PORT))
            .add("01:00.0", ConfigSpaces.plain().pcie(PcieType.ENDPOINT).ats())
            .build()
            .devices()
            .get(1);
    assertFalse(AtsPolicy.decide(device, false, Linux510.RULES.quirks()).supported());
  }
}
