package org.iommu4j.machine.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.junit.jupiter.api.Test;

/** A port at 00:04.0 that leads out of the chassis, and what is soldered or plugged to it. */
final class TrustRuleTest {
  private static ConfigSpaces bridge(int deviceId, PcieType type, int secondary, int subordinate) {
    return ConfigSpaces.of(0x8086, deviceId).bridge(secondary, subordinate).pcie(type);
  }

  private static ConfigSpaces endpoint() {
    return ConfigSpaces.of(0x8086, 0x1533).pcie(PcieType.ENDPOINT);
  }

  private static TopologyBuilder withSwitch(int rootPortId) {
    return new TopologyBuilder()
        .addExternal("00:04.0", bridge(rootPortId, PcieType.ROOT_PORT, 1, 9))
        .add("01:00.0", bridge(1, PcieType.UPSTREAM_PORT, 2, 9))
        .add("02:00.0", bridge(2, PcieType.DOWNSTREAM_PORT, 3, 3))
        .add("02:01.0", bridge(2, PcieType.DOWNSTREAM_PORT, 4, 6))
        .add("03:00.0", endpoint())
        .add("04:00.0", bridge(3, PcieType.UPSTREAM_PORT, 5, 6))
        .add("05:00.0", bridge(4, PcieType.DOWNSTREAM_PORT, 6, 6))
        .add("06:00.0", endpoint());
  }

  private static List<String> untrusted(TopologyBuilder topology, TrustRule rule) {
    return topology.build().devices().stream()
        .filter(device -> device.untrusted(rule))
        .map(device -> device.address().toString().substring("0000:".length()))
        .toList();
  }

  @Test
  void allBelowAnExternalPortWasUntrustedOnce() {
    assertEquals(
        List.of("01:00.0", "02:00.0", "02:01.0", "03:00.0", "04:00.0", "05:00.0", "06:00.0"),
        untrusted(withSwitch(0x1234), TrustRule.BELOW_EXTERNAL_PORT));
  }

  @Test
  void theSwitchOfADiscreteControllerAndItsEndpointsAreTrusted() {
    assertEquals(
        List.of("04:00.0", "05:00.0", "06:00.0"),
        untrusted(withSwitch(0x1234), TrustRule.BEYOND_CONTROLLER));
  }

  @Test
  void behindAPortOfAnIntegratedHostNothingIsTrusted() {
    assertEquals(
        untrusted(withSwitch(0x9a23), TrustRule.BELOW_EXTERNAL_PORT),
        untrusted(withSwitch(0x9a23), TrustRule.BEYOND_CONTROLLER));
  }

  @Test
  void whatIsPluggedRightIntoThePortIsUntrusted() {
    TopologyBuilder plugged =
        new TopologyBuilder()
            .addExternal("00:04.0", bridge(0x1234, PcieType.ROOT_PORT, 1, 2))
            .add("01:00.0", bridge(1, PcieType.PCIE_TO_PCI_BRIDGE, 2, 2))
            .add("01:00.1", endpoint())
            .add("02:03.0", ConfigSpaces.plain());
    assertEquals(
        List.of("01:00.0", "01:00.1", "02:03.0"), untrusted(plugged, TrustRule.BEYOND_CONTROLLER));
  }

  @Test
  void anEndpointOfConventionalPciCountsAsOneOfExpress() {
    TopologyBuilder mixed =
        new TopologyBuilder()
            .addExternal("00:04.0", bridge(0x1234, PcieType.ROOT_PORT, 1, 3))
            .add("01:00.0", bridge(1, PcieType.UPSTREAM_PORT, 2, 3))
            .add("02:00.0", bridge(2, PcieType.DOWNSTREAM_PORT, 3, 3))
            .add("03:00.0", ConfigSpaces.plain())
            .add("03:01.0", ConfigSpaces.plain().pcie(PcieType.LEGACY_ENDPOINT));
    assertEquals(List.of("03:01.0"), untrusted(mixed, TrustRule.BEYOND_CONTROLLER));
  }
}
