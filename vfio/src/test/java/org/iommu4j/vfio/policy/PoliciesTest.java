package org.iommu4j.vfio.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSet;
import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vfio.policy.InterruptPolicy.Interrupts;
import org.iommu4j.vfio.policy.VfioPciProbePolicy.Probe;
import org.iommu4j.vfio.policy.VfioPciProbePolicy.Surroundings;
import org.iommu4j.vfio.policy.ViabilityPolicy.Viability;
import org.iommu4j.vfio.release.Vfio510;
import org.iommu4j.vfio.release.Vfio61;
import org.iommu4j.vfio.release.Vfio612;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PoliciesTest {
  private static GroupMember member(String address, int headerType, @Nullable String driver) {
    return new GroupMember(PciAddress.parse(address).orElseThrow(), headerType, driver);
  }

  private static Viability viability(GroupMember... members) {
    return ViabilityPolicy.decide(List.of(members), Vfio510.RULES.viability());
  }

  private static PciDevice function(int vendor, int device, int headerType) {
    byte[] config = new byte[ConfigSpace.CONVENTIONAL_BYTES];
    config[0] = (byte) vendor;
    config[1] = (byte) (vendor >> 8);
    config[2] = (byte) device;
    config[3] = (byte) (device >> 8);
    config[0x0e] = (byte) headerType;
    PciAddress address = PciAddress.parse("0000:00:05.0").orElseThrow();
    return PciTopology.of(List.of(PciFunctionFacts.ofConfig(address, ConfigSpace.of(config))))
        .devices()
        .get(0);
  }

  private static Probe probe(
      PciDevice device, Surroundings surroundings, int virtualFunctions, boolean disableDenylist) {
    return VfioPciProbePolicy.decide(
        device, surroundings, virtualFunctions, disableDenylist, Vfio510.RULES.pci());
  }

  private static Interrupts interrupts(boolean remapping, boolean allowUnsafe) {
    return InterruptPolicy.decide(remapping, allowUnsafe, "a.c:b");
  }

  @Test
  void bridgesStubsUnboundAndVfioDevicesMayShareAGroup() {
    Viability viability =
        viability(
            member("0000:00:1c.0", 1, "pcieport"),
            member("0000:01:00.0", 0, "vfio-pci"),
            member("0000:01:00.1", 0, "pci-stub"),
            member("0000:01:00.2", 0, null));
    assertTrue(viability.viable());
    assertEquals(
        List.of(
            DriverStanding.BRIDGE,
            DriverStanding.VFIO,
            DriverStanding.STUB,
            DriverStanding.WITHOUT_DRIVER),
        viability.members().stream().map(ViabilityPolicy.Verdict::standing).toList());
    assertEquals("viable", viability.decision().outcome());
    assertEquals(4, viability.decision().because().size());
  }

  @Test
  void oneDeviceInUseKeepsTheGroupWithTheHost() {
    Viability viability =
        viability(
            member("0000:01:00.0", 0, "vfio-pci"), member("0000:01:00.1", 0, "snd_hda_intel"));
    assertFalse(viability.viable());
    assertEquals(
        List.of("0000:01:00.1 is in use by the host (driver snd_hda_intel)"),
        viability.blockers().get(0).decision().because());
  }

  @Test
  void aBridgeMayHaveAnyDriver() {
    assertTrue(viability(member("0000:00:1c.0", 1, "some-driver")).viable());
  }

  @Test
  void theRulesSayWhoIsHarmless() {
    ViabilityRules rules =
        new ViabilityRules(
            ImmutableSet.of("vfio-pci"), ImmutableSet.of("some-driver"), false, "a.c:b", "a.c:c");
    GroupMember bridge = member("0000:00:1c.0", 1, "some-driver");
    assertEquals(DriverStanding.STUB, ViabilityPolicy.decide(bridge, rules).standing());
    GroupMember port = member("0000:00:1c.0", 1, "pcieport");
    assertEquals(DriverStanding.IN_USE, ViabilityPolicy.decide(port, rules).standing());
  }

  @Test
  void vfioPciTakesEndpointsOnly() {
    assertTrue(probe(function(0x8086, 0x10d3, 0), Surroundings.COHERENT, 0, false).isBound());
    assertEquals(-22, probe(function(0x8086, 0x10d3, 1), Surroundings.COHERENT, 0, false).error());
    assertEquals(-22, probe(function(0x8086, 0x10d3, 0), Surroundings.NO_GROUP, 0, false).error());
  }

  @Test
  void vfioPciRefusesAFunctionWithVirtualOnes() {
    Probe probe = probe(function(0x8086, 0x10d3, 0), Surroundings.COHERENT, 7, false);
    assertEquals(Errno.EBUSY, probe.error());
    assertEquals(List.of("Cannot bind to PF with SR-IOV enabled"), probe.log());
  }

  @Test
  void quickAssistIsDeniedUnlessTheListIsDisabled() {
    PciDevice device = function(0x8086, 0x37c8, 0);
    Probe probe = probe(device, Surroundings.COHERENT, 0, false);
    assertEquals(Errno.EINVAL, probe.error());
    assertEquals(
        List.of("8086:37c8 exists in vfio-pci device denylist, driver probing disallowed."),
        probe.log());
    probe = probe(device, Surroundings.COHERENT, 0, true);
    assertTrue(probe.isBound());
    assertEquals(List.of("device denylist disabled - allowing device 8086:37c8."), probe.log());
    assertTrue(probe(function(0x1af4, 0x37c8, 0), Surroundings.COHERENT, 0, false).isBound());
  }

  @Test
  void interruptsMustBeRemappedUnlessTheParameterSaysOtherwise() {
    assertTrue(interrupts(true, false).isAllowed());
    assertTrue(interrupts(false, true).isAllowed());
    assertEquals(Errno.EPERM, interrupts(false, false).error());
    assertEquals(1, interrupts(false, false).log().size());
    assertEquals(0, interrupts(false, true).log().size());
  }

  @Test
  void fromSixOnVfioPciWantsAnIommuThatSeesCaches() {
    PciDevice device = function(0x8086, 0x10d3, 0);
    assertTrue(probe(device, Surroundings.NOT_COHERENT, 0, false).isBound());
    Probe later =
        VfioPciProbePolicy.decide(device, Surroundings.NOT_COHERENT, 0, false, Vfio61.RULES.pci());
    assertEquals(Errno.EINVAL, later.error());
    assertEquals("drivers/vfio/vfio_main.c:vfio_group_find_or_alloc", later.decision().source());
  }

  @Test
  void acceleratorsOfSapphireRapidsAreDeniedFromSixOn() {
    PciDevice streaming = function(0x8086, 0x0b25, 0);
    assertTrue(probe(streaming, Surroundings.COHERENT, 0, false).isBound());
    assertFalse(
        VfioPciProbePolicy.decide(streaming, Surroundings.COHERENT, 0, false, Vfio612.RULES.pci())
            .isBound());
  }

  @Test
  void aPortsDriverNeedNotLeaveItsGroupButABridgesOtherDriverMust() {
    GroupMember port = member("0000:00:1c.0", 1, "pcieport");
    GroupMember bridge = member("0000:00:1c.0", 1, "shpchp");
    ViabilityRules older = Vfio510.RULES.viability();
    ViabilityRules newer = Vfio612.RULES.viability();
    assertEquals(DriverStanding.BRIDGE, ViabilityPolicy.decide(bridge, older).standing());
    assertEquals(DriverStanding.STUB, ViabilityPolicy.decide(port, newer).standing());
    assertEquals(DriverStanding.IN_USE, ViabilityPolicy.decide(bridge, newer).standing());
  }
}
