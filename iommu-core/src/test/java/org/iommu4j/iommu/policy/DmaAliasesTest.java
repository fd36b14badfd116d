package org.iommu4j.iommu.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.junit.jupiter.api.Test;

class DmaAliasesTest {
  private static List<String> idsOf(TopologyBuilder builder, String address) {
    PciTopology topology = builder.build();
    PciDevice device = topology.device(TopologyBuilder.address(address)).orElseThrow();
    return DmaAliases.of(topology, Linux510.RULES.quirks()).walk(device).stream()
        .map(alias -> String.format("%04x", alias.requesterId()))
        .toList();
  }

  private static TopologyBuilder behind(ConfigSpaces bridge) {
    return new TopologyBuilder()
        .add("00:04.0", ConfigSpaces.plain().bridge(1, 2).pcie(PcieType.ROOT_PORT))
        .add("01:02.0", bridge.bridge(2, 2))
        .add("02:03.1", ConfigSpaces.plain());
  }

  @Test
  void aPciExpressEndpointHasItsOwnIdOnly() {
    TopologyBuilder builder =
        new TopologyBuilder()
            .add("00:04.0", ConfigSpaces.plain().bridge(1, 1).pcie(PcieType.ROOT_PORT))
            .add("01:00.0", ConfigSpaces.plain().pcie(PcieType.ENDPOINT));
    assertEquals(List.of("0100"), idsOf(builder, "01:00.0"));
  }

  @Test
  void aBridgeFromPciExpressTakesFunctionZeroOfItsSecondaryBus() {
    TopologyBuilder builder = behind(ConfigSpaces.plain().pcie(PcieType.PCIE_TO_PCI_BRIDGE));
    assertEquals(List.of("0219", "0200"), idsOf(builder, "02:03.1"));
  }

  @Test
  void aConventionalBridgeAndOneToPciExpressTakeTheirOwnId() {
    assertEquals(List.of("0219", "0110"), idsOf(behind(ConfigSpaces.plain()), "02:03.1"));
    TopologyBuilder builder = behind(ConfigSpaces.plain().pcie(PcieType.PCI_TO_PCIE_BRIDGE));
    assertEquals(List.of("0219", "0110"), idsOf(builder, "02:03.1"));
  }

  @Test
  void someBridgesLeadFromPciExpressWithoutSayingSo() {
    assertEquals(
        List.of("0219", "0200"), idsOf(behind(ConfigSpaces.of(0x1b21, 0x1080)), "02:03.1"));
    TopologyBuilder onRootBus =
        new TopologyBuilder()
            .add("00:1e.0", ConfigSpaces.of(0x8086, 0x244e).bridge(2, 2))
            .add("02:03.1", ConfigSpaces.plain());
    assertEquals(List.of("0219", "00f0"), idsOf(onRootBus, "02:03.1"));
  }

  @Test
  void nothingAliasesAboveABridgeThatTheIommuSitsBelow() {
    TopologyBuilder builder =
        new TopologyBuilder()
            .add("00:04.0", ConfigSpaces.of(0x14e4, 0x9084).bridge(1, 1))
            .add("01:00.0", ConfigSpaces.plain());
    assertEquals(List.of("0100"), idsOf(builder, "01:00.0"));
  }

  @Test
  void functionsUseEachOthersNumbersByQuirk() {
    assertEquals(List.of("0012", "0010"), one("00:02.2", 0x1180, 0xe832));
    assertEquals(List.of("0010"), one("00:02.0", 0x1180, 0xe832));
    assertEquals(List.of("0010", "0011"), one("00:02.0", 0x1b4b, 0x9230));
    assertEquals(List.of("0011"), one("00:02.1", 0x1b4b, 0x9230));
    assertEquals(List.of("0010", "0080", "0088", "0093"), one("00:02.0", 0x8086, 0x2264));
    assertEquals(1 + 32 * 5, one("00:02.0", 0x8086, 0x295a).size());
    assertEquals(1 + 256, one("00:02.0", 0x10b5, 0x87b1).size());
  }

  private static List<String> one(String address, int vendorId, int deviceId) {
    return idsOf(new TopologyBuilder().add(address, ConfigSpaces.of(vendorId, deviceId)), address);
  }

  @Test
  void aFixedAliasBelongsToACardAndNotToAChip() {
    ConfigSpaces card = ConfigSpaces.of(0x9005, 0x0285).subsystem(0x9005, 0x02bb);
    assertEquals(
        List.of("0070", "0008"), idsOf(new TopologyBuilder().add("00:0e.0", card), "00:0e.0"));
    ConfigSpaces other = ConfigSpaces.of(0x9005, 0x0285).subsystem(0x9005, 0x02bd);
    assertEquals(List.of("0070"), idsOf(new TopologyBuilder().add("00:0e.0", other), "00:0e.0"));
  }

  @Test
  void aHiddenDomainBelongsToTheControllerWhoseMemoryItDecodes() {
    TopologyBuilder builder =
        new TopologyBuilder()
            .add("17:05.5", ConfigSpaces.of(0x8086, 0x201d))
            .add("85:05.5", ConfigSpaces.of(0x8086, 0x201d))
            .add("10000:00:02.0", ConfigSpaces.plain())
            .add("10001:00:02.0", ConfigSpaces.plain());
    assertEquals(List.of("172d"), idsOf(builder, "10000:00:02.0"));
    assertEquals(List.of("852d"), idsOf(builder, "10001:00:02.0"));
    builder.memory("85:05.5", 2, 0x9000_0000L, 0x9fff_ffffL);
    builder.memory("10000:00:02.0", 0, 0x9100_0000L, 0x9100_0fffL);
    assertEquals(List.of("852d"), idsOf(builder, "10000:00:02.0"));
    assertEquals(List.of("172d"), idsOf(builder, "10001:00:02.0"));
  }

  @Test
  void aHiddenDomainWithoutAControllerStandsForItself() {
    TopologyBuilder builder = new TopologyBuilder().add("10000:e1:00.0", ConfigSpaces.plain());
    assertEquals(List.of("e100"), idsOf(builder, "10000:e1:00.0"));
  }

  @Test
  void twoFunctionsAreAliasesWhicheverOfThemIsTheOdd() {
    PciTopology topology =
        new TopologyBuilder()
            .add("00:02.0", ConfigSpaces.of(0x1b4b, 0x9123).multifunction())
            .add("00:02.1", ConfigSpaces.plain())
            .add("00:02.2", ConfigSpaces.plain())
            .build();
    DmaAliases aliases = DmaAliases.of(topology, Linux510.RULES.quirks());
    PciDevice odd = topology.devices().get(0);
    assertTrue(aliases.areAliases(odd, topology.devices().get(1)));
    assertTrue(aliases.areAliases(topology.devices().get(1), odd));
    assertFalse(aliases.areAliases(odd, topology.devices().get(2)));
  }
}
