package org.iommu4j.iommu.policy;

import static org.iommu4j.machine.pci.quirks.AcsFlags.CR;
import static org.iommu4j.machine.pci.quirks.AcsFlags.EC;
import static org.iommu4j.machine.pci.quirks.AcsFlags.ISOLATION;
import static org.iommu4j.machine.pci.quirks.AcsFlags.RR;
import static org.iommu4j.machine.pci.quirks.AcsFlags.SV;
import static org.iommu4j.machine.pci.quirks.AcsFlags.TB;
import static org.iommu4j.machine.pci.quirks.AcsFlags.UF;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSet;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AcsPolicyTest {
  private static final AcsSettings ASKED = AcsSettings.asRequested();
  private static final AcsSettings NEVER_ASKED =
      new AcsSettings(false, false, null, ImmutableSet.of());

  private static PciDevice alone(ConfigSpaces space) {
    return new TopologyBuilder().add("00:1c.0", space).build().devices().get(0);
  }

  private static AcsVerdict verdict(ConfigSpaces space, AcsSettings settings) {
    return new AcsPolicy(settings).enabled(alone(space), ISOLATION);
  }

  private static ConfigSpaces rootPort(int vendorId, int deviceId) {
    return ConfigSpaces.of(vendorId, deviceId).bridge(1, 1).pcie(PcieType.ROOT_PORT);
  }

  private static AcsSettings without(@Nullable String redirection) {
    return new AcsSettings(true, true, redirection, ImmutableSet.of());
  }

  @Test
  void conventionalDevicesNeverKeepTheirPeersApart() {
    AcsVerdict verdict = verdict(ConfigSpaces.plain(), ASKED);
    assertFalse(verdict.enabled());
    assertEquals("0000:00:1c.0: conventional PCI, lacks SV RR CR UF", verdict.toString());
  }

  @ParameterizedTest
  @EnumSource(
      value = PcieType.class,
      names = {"PCI_TO_PCIE_BRIDGE", "PCIE_TO_PCI_BRIDGE", "ROOT_COMPLEX_EVENT_COLLECTOR"})
  void someTypesCannotHaveItWhateverTheirRegistersSay(PcieType type) {
    ConfigSpaces space = ConfigSpaces.plain().pcie(type).acs(ISOLATION, ISOLATION);
    assertFalse(verdict(space, ASKED).enabled());
  }

  @ParameterizedTest
  @EnumSource(
      value = PcieType.class,
      names = {"ENDPOINT", "LEGACY_ENDPOINT", "UPSTREAM_PORT", "ROOT_COMPLEX_ENDPOINT"})
  void singleFunctionsHaveNoPeersButThoseOfSeveralNeedTheCapability(PcieType type) {
    assertTrue(verdict(ConfigSpaces.plain().pcie(type), ASKED).enabled());
    ConfigSpaces several = ConfigSpaces.plain().pcie(type).multifunction();
    assertFalse(verdict(several, ASKED).enabled());
    assertTrue(verdict(several.acs(ISOLATION, 0), ASKED).enabled());
  }

  @ParameterizedTest
  @EnumSource(
      value = PcieType.class,
      names = {"ROOT_PORT", "DOWNSTREAM_PORT"})
  void portsNeedTheCapabilityEvenAlone(PcieType type) {
    assertFalse(verdict(ConfigSpaces.plain().pcie(type), ASKED).enabled());
    assertTrue(verdict(ConfigSpaces.plain().pcie(type).acs(ISOLATION, 0), ASKED).enabled());
  }

  @Test
  void aReservedTypeCountsAsKeptApart() {
    assertTrue(verdict(ConfigSpaces.plain().pcie(3).multifunction(), ASKED).enabled());
  }

  @Test
  void aFlagThatTheCapabilityLacksCountsAsHardWiredButEgressControlDoesNot() {
    PciDevice port = alone(ConfigSpaces.plain().pcie(PcieType.ROOT_PORT).acs(SV, 0));
    AcsPolicy policy = new AcsPolicy(ASKED);
    assertTrue(policy.enabled(port, ISOLATION).enabled());
    assertEquals(EC, policy.enabled(port, ISOLATION | EC).missing());
  }

  @Test
  void theKernelSetsOnlyWhatTheCapabilityHas() {
    ConfigSpaces space = ConfigSpaces.plain().pcie(PcieType.ROOT_PORT).acs(SV | TB | RR, CR);
    AcsControl control = new AcsPolicy(ASKED).control(alone(space));
    assertEquals(SV | RR | CR, control.control());
  }

  @Test
  void translationIsBlockedBelowAnExternalPortButNotInIt() {
    ConfigSpaces port = ConfigSpaces.plain().bridge(1, 1).pcie(PcieType.ROOT_PORT);
    TopologyBuilder builder = new TopologyBuilder().addExternal("00:1c.0", port.acs(TB, 0));
    builder.add("01:00.0", ConfigSpaces.plain().pcie(PcieType.ENDPOINT).acs(TB, 0));
    AcsPolicy policy = new AcsPolicy(ASKED);
    assertEquals(0, policy.control(builder.build().devices().get(0)).control());
    assertEquals(TB, policy.control(builder.build().devices().get(1)).control());
  }

  @Test
  void firmwaresControlBitsStandWhereNobodyEverAsked() {
    ConfigSpaces space = ConfigSpaces.plain().pcie(PcieType.ROOT_PORT).acs(ISOLATION, RR | UF);
    assertEquals(RR | UF, new AcsPolicy(NEVER_ASKED).control(alone(space)).control());
  }

  @Test
  void bitsThatAnEarlierKernelMayHaveSetAreTakenForClearAndThatIsSaid() {
    ConfigSpaces space =
        ConfigSpaces.plain().pcie(PcieType.ROOT_PORT).acs(ISOLATION | TB, ISOLATION | TB);
    AcsSettings notNow = new AcsSettings(false, true, null, ImmutableSet.of());
    AcsControl control = new AcsPolicy(notNow).control(alone(space));
    assertEquals(TB, control.control());
    assertTrue(control.because().toString().contains("firmware is taken"), control.toString());
  }

  @Test
  void redirectionIsTakenFromTheNamedFunctionsOnly() {
    ConfigSpaces space = ConfigSpaces.of(0x1b36, 0x000c).pcie(PcieType.ROOT_PORT);
    space.acs(ISOLATION | EC, EC);
    AcsVerdict named = verdict(space, without("pci:1b36:000c"));
    assertEquals(RR | CR, named.missing());
    assertTrue(verdict(space, without("pci:1b36:000d")).enabled());
  }

  @Test
  void redirectionIsTakenEvenWhereNobodyAskedForAccessControl() {
    ConfigSpaces space = ConfigSpaces.plain().pcie(PcieType.ROOT_PORT).acs(ISOLATION, ISOLATION);
    AcsSettings settings = new AcsSettings(false, false, "0:1c.0", ImmutableSet.of());
    assertEquals(SV | UF, new AcsPolicy(settings).control(alone(space)).control());
  }

  @Test
  void aFunctionWithoutTheCapabilityHasNothingToTake() {
    AcsControl control =
        new AcsPolicy(without("00:1c.0"))
            .control(alone(ConfigSpaces.plain().pcie(PcieType.ROOT_PORT)));
    assertTrue(control.because().toString().contains("no ACS capability"), control.toString());
  }

  @Test
  void intelPortsWithoutTheCapabilityGoByTheChipset() {
    ConfigSpaces port = rootPort(0x8086, 0x8c10);
    assertTrue(verdict(port, ASKED).enabled());
    assertFalse(verdict(port, NEVER_ASKED).enabled());
  }

  @ParameterizedTest
  @CsvSource({"0xfed1c001, true", "0xfed1c000, false"})
  void theChipsetsRegistersMustBeEnabledInTheLpcBridge(String rcba, boolean isolates) {
    TopologyBuilder builder = new TopologyBuilder().add("00:1c.0", rootPort(0x8086, 0x1c10));
    builder.add(
        "00:1f.0",
        ConfigSpaces.plain().dword(0xf0, Integer.parseUnsignedInt(rcba.substring(2), 16)));
    PciDevice port = builder.build().devices().get(0);
    assertEquals(isolates, new AcsPolicy(ASKED).enabled(port, ISOLATION).enabled());
  }

  @Test
  void intelPortsOfTheHundredSeriesHaveTheirControlRegisterElsewhere() {
    ConfigSpaces port = rootPort(0x8086, 0xa110).wideAcs(ISOLATION, ISOLATION);
    assertTrue(verdict(port, NEVER_ASKED).enabled());
    AcsVerdict cleared = verdict(port, without("00:1c.0"));
    assertEquals(RR | CR, cleared.missing());
    assertEquals("drivers/pci/quirks.c:pci_quirk_intel_spt_pch_acs", cleared.source());
    ConfigSpaces otherPort = rootPort(0x8086, 0xa109).wideAcs(ISOLATION, ISOLATION);
    assertFalse(verdict(otherPort, NEVER_ASKED).enabled());
  }

  @ParameterizedTest
  @CsvSource({
    "0x1924, 0x0903, ENDPOINT, true",
    "0x8086, 0x1521, ENDPOINT, true",
    "0x8086, 0x1520, ENDPOINT, false",
    "0x8086, 0x1520, ROOT_COMPLEX_ENDPOINT, true",
    "0x17cb, 0x0400, ROOT_PORT, true",
    "0x177d, 0xa123, ROOT_PORT, true",
    "0x177d, 0xa026, ENDPOINT, true",
    "0x177d, 0xa800, ROOT_PORT, false",
    "0x10e8, 0xe004, ROOT_PORT, true",
    "0x14e4, 0xd714, ROOT_PORT, true",
    "0x0014, 0x7a69, ROOT_PORT, true",
    "0x1c36, 0x0031, ROOT_PORT, true",
    "0x1c36, 0x0031, DOWNSTREAM_PORT, false",
    "0x1957, 0x8d9b, ROOT_PORT, true",
    "0x1d17, 0x0730, DOWNSTREAM_PORT, true",
    "0x1d17, 0x0720, DOWNSTREAM_PORT, false",
    "0x8088, 0x0105, ENDPOINT, true",
    "0x8088, 0x0110, ENDPOINT, false",
  })
  void vendorsVouchForFunctionsWithoutTheCapability(
      String vendor, String device, PcieType type, boolean enabled) {
    ConfigSpaces space =
        ConfigSpaces.of(Integer.decode(vendor), Integer.decode(device)).pcie(type).multifunction();
    assertEquals(enabled, verdict(space, ASKED).enabled());
  }

  @Test
  void portsOfZhaoxinThatAreNotListedCountAsWithoutEvenIfTheyHaveTheCapability() {
    assertFalse(verdict(rootPort(0x1d17, 0x0720).acs(ISOLATION, ISOLATION), ASKED).enabled());
  }

  @Test
  void southBridgesOfAmdNeedTheirIommuTableAndSeveralFunctions() {
    AcsSettings withTable = new AcsSettings(true, true, null, ImmutableSet.of("IVRS"));
    ConfigSpaces bridge = ConfigSpaces.of(0x1002, 0x439d);
    assertFalse(verdict(bridge, withTable).enabled());
    bridge.multifunction();
    assertTrue(verdict(bridge, withTable).enabled());
    assertFalse(verdict(bridge, ASKED).enabled());
    assertFalse(new AcsPolicy(withTable).enabled(alone(bridge), EC).enabled());
  }

  @Test
  void aPathIsAsGoodAsItsWorstHop() {
    TopologyBuilder builder =
        new TopologyBuilder()
            .add("00:1c.0", rootPort(0x1af4, 1))
            .add("01:00.0", ConfigSpaces.plain().bridge(2, 2).pcie(PcieType.PCIE_TO_PCI_BRIDGE));
    PciDevice bridge = builder.build().devices().get(1);
    AcsVerdict verdict = new AcsPolicy(ASKED).pathEnabled(bridge, ISOLATION);
    assertTrue(verdict.because().startsWith("0000:01:00.0"), verdict.toString());
  }
}
