package org.iommu4j.iommu.policy;

import static org.iommu4j.machine.pci.quirks.AcsFlags.ISOLATION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSet;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.junit.jupiter.api.Test;

class GroupPolicyTest {
  private static ConfigSpaces endpoint() {
    return ConfigSpaces.plain().pcie(PcieType.ENDPOINT);
  }

  private static ConfigSpaces port(PcieType type, int secondary, int subordinate) {
    return ConfigSpaces.plain().bridge(secondary, subordinate).pcie(type);
  }

  private static ConfigSpaces isolatingPort(PcieType type, int secondary, int subordinate) {
    return port(type, secondary, subordinate).acs(ISOLATION, 0);
  }

  private static void assertWhy(Grouping grouping, String address, String reason) {
    String why = grouping.why(address);
    assertTrue(why.contains(reason), why);
  }

  @Test
  void functionsOfDifferentSlotsOfTheRootBusHaveGroupsOfTheirOwn() {
    Grouping grouping =
        Grouping.of(
            new TopologyBuilder()
                .add("00:00.0", ConfigSpaces.plain())
                .add("00:01.0", ConfigSpaces.plain()));
    assertEquals(0, grouping.of("00:00.0"));
    assertEquals(1, grouping.of("00:01.0"));
    assertWhy(grouping, "00:01.0", "new group");
  }

  @Test
  void functionsOfOneSlotWithoutAccessControlShareTheGroupOfTheFirst() {
    Grouping grouping =
        Grouping.of(
            new TopologyBuilder()
                .add("00:1f.0", ConfigSpaces.plain().multifunction())
                .add("00:1f.2", ConfigSpaces.plain())
                .add("00:1f.3", ConfigSpaces.plain()));
    assertEquals(0, grouping.of("00:1f.2"));
    assertEquals(0, grouping.of("00:1f.3"));
    assertWhy(grouping, "00:1f.2", "0000:00:1f.0: conventional PCI, lacks SV RR CR UF");
    assertWhy(grouping, "00:1f.2", "0000:00:1f.0 is in group 0");
  }

  @Test
  void functionZeroMayStandAloneWhileItsSiblingsShareAGroup() {
    Grouping grouping =
        Grouping.of(
            new TopologyBuilder()
                .add(
                    "00:08.0",
                    ConfigSpaces.of(0x8086, 0x10d3)
                        .pcie(PcieType.ROOT_COMPLEX_ENDPOINT)
                        .multifunction())
                .add("00:08.1", ConfigSpaces.plain())
                .add("00:08.2", ConfigSpaces.plain().pcie(PcieType.ROOT_COMPLEX_ENDPOINT)));
    assertEquals(0, grouping.of("00:08.0"));
    assertEquals(1, grouping.of("00:08.1"));
    assertEquals(1, grouping.of("00:08.2"));
    assertWhy(grouping, "00:08.0", "quirk intel integrated endpoint");
    assertWhy(grouping, "00:08.2", "root complex endpoint without ACS capability");
  }

  @Test
  void aDeviceBehindAPortWithoutAccessControlJoinsThePort() {
    Grouping grouping =
        Grouping.of(
            new TopologyBuilder()
                .add("00:00.0", ConfigSpaces.plain())
                .add("00:04.0", port(PcieType.ROOT_PORT, 1, 1))
                .add("01:00.0", endpoint()));
    assertEquals(1, grouping.of("00:04.0"));
    assertEquals(1, grouping.of("01:00.0"));
    assertWhy(grouping, "01:00.0", "0000:00:04.0: root port without ACS capability");
  }

  @Test
  void aDeviceBehindAPortWithAccessControlStandsAlone() {
    Grouping grouping =
        Grouping.of(
            new TopologyBuilder()
                .add("00:04.0", isolatingPort(PcieType.ROOT_PORT, 1, 1))
                .add("01:00.0", endpoint()));
    assertEquals(0, grouping.of("00:04.0"));
    assertEquals(1, grouping.of("01:00.0"));
  }

  @Test
  void accessControlThatNobodyAskedForLeavesDevicesWithTheirPort() {
    TopologyBuilder builder =
        new TopologyBuilder()
            .add("00:04.0", port(PcieType.ROOT_PORT, 1, 1).acs(ISOLATION, ISOLATION))
            .add("01:00.0", endpoint());
    AcsSettings notAskedNow = new AcsSettings(false, true, null, ImmutableSet.of());
    assertEquals(0, Grouping.of(builder.build(), notAskedNow).of("01:00.0"));
    AcsSettings neverAsked = new AcsSettings(false, false, null, ImmutableSet.of());
    assertEquals(1, Grouping.of(builder.build(), neverAsked).of("01:00.0"));
  }

  @Test
  void isolationNeedsEveryPortUpToTheRoot() {
    TopologyBuilder builder =
        new TopologyBuilder()
            .add("00:04.0", port(PcieType.ROOT_PORT, 1, 4))
            .add("01:00.0", port(PcieType.UPSTREAM_PORT, 2, 4))
            .add("02:00.0", isolatingPort(PcieType.DOWNSTREAM_PORT, 3, 3))
            .add("02:01.0", isolatingPort(PcieType.DOWNSTREAM_PORT, 4, 4))
            .add("03:00.0", endpoint())
            .add("04:00.0", endpoint());
    Grouping grouping = Grouping.of(builder);
    assertEquals(0, grouping.of("03:00.0"));
    assertEquals(0, grouping.of("04:00.0"));
    builder.add("00:04.0", isolatingPort(PcieType.ROOT_PORT, 1, 4));
    Grouping isolated = Grouping.of(builder);
    assertEquals(4, isolated.of("03:00.0"));
    assertEquals(5, isolated.of("04:00.0"));
  }

  @Test
  void conventionalDevicesShareTheGroupOfTheBridgeFromPciExpress() {
    Grouping grouping =
        Grouping.of(
            new TopologyBuilder()
                .add("00:04.0", isolatingPort(PcieType.ROOT_PORT, 1, 2))
                .add("01:00.0", port(PcieType.PCIE_TO_PCI_BRIDGE, 2, 2))
                .add("02:01.0", ConfigSpaces.plain())
                .add("02:02.0", ConfigSpaces.plain()));
    assertEquals(1, grouping.of("01:00.0"));
    assertEquals(1, grouping.of("02:01.0"));
    assertEquals(1, grouping.of("02:02.0"));
    assertWhy(grouping, "02:01.0", "0000:01:00.0 leads from PCI Express to PCI");
  }

  @Test
  void aFunctionThatMastersTheBusAsItsNeighbourJoinsIt() {
    TopologyBuilder builder =
        new TopologyBuilder()
            .add("00:04.0", isolatingPort(PcieType.ROOT_PORT, 1, 1))
            .add("01:00.0", ConfigSpaces.of(0x1b4b, 0x9123).pcie(PcieType.ENDPOINT).multifunction())
            .add("01:00.1", endpoint().acs(ISOLATION, 0));
    Grouping grouping = Grouping.of(builder);
    assertEquals(1, grouping.of("01:00.0"));
    assertEquals(1, grouping.of("01:00.1"));
    assertWhy(grouping, "01:00.1", "use one requester id");
  }

  @Test
  void aDeviceBehindAVolumeManagementDeviceJoinsTheController() {
    Grouping grouping =
        Grouping.of(
            new TopologyBuilder()
                .add("00:00.0", ConfigSpaces.plain())
                .add("00:0e.0", ConfigSpaces.of(0x8086, 0x9a0b))
                .add("10000:e0:06.0", port(PcieType.ROOT_PORT, 0xe1, 0xe1))
                .add("10000:e1:00.0", endpoint()));
    assertEquals(1, grouping.of("10000:e0:06.0"));
    assertEquals(1, grouping.of("10000:e1:00.0"));
    assertWhy(grouping, "10000:e1:00.0", "in the domain behind 0000:00:0e.0");
  }

  @Test
  void virtualFunctionsOnABusOfTheirOwnAreIsolatedByThePortAbove() {
    Grouping grouping =
        Grouping.of(
            new TopologyBuilder()
                .add("00:04.0", isolatingPort(PcieType.ROOT_PORT, 1, 2))
                .add("01:00.0", endpoint().virtualFunctions(2, 0x100, 1))
                .add("02:00.0", endpoint())
                .add("02:00.1", endpoint()));
    assertEquals(1, grouping.of("01:00.0"));
    assertEquals(2, grouping.of("02:00.0"));
    assertEquals(3, grouping.of("02:00.1"));
  }

  @Test
  void aLoopOfAliasesEnds() {
    Grouping grouping =
        Grouping.of(
            new TopologyBuilder()
                .add("00:00.0", ConfigSpaces.of(0x10b5, 0x87b0).multifunction())
                .add("00:00.1", ConfigSpaces.of(0x10b5, 0x87b1))
                .add("00:02.0", ConfigSpaces.of(0x8086, 0x2954)));
    assertEquals(0, grouping.of("00:00.1"));
    assertEquals(0, grouping.of("00:02.0"));
  }
}
