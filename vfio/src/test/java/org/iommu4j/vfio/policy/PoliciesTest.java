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
import org.iommu4j.vfio.policy.ViabilityPolicy.Viability;
import org.iommu4j.vfio.release.Vfio510;
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
        new ViabilityRules(ImmutableSet.of("vfio-pci"), ImmutableSet.of("some-driver"), false);
    GroupMember bridge = member("0000:00:1c.0", 1, "some-driver");
    assertEquals(DriverStanding.STUB, ViabilityPolicy.decide(bridge, rules).standing());
    GroupMember port = member("0000:00:1c.0", 1, "pcieport");
    assertEquals(DriverStanding.IN_USE, ViabilityPolicy.decide(port, rules).standing());
  }

  @Test
  void vfioPciTakesEndpointsOnly() {
    assertTrue(VfioPciProbePolicy.decide(function(0x8086, 0x10d3, 0), true, 0, false).isBound());
    assertEquals(
        -22, VfioPciProbePolicy.decide(function(0x8086, 0x10d3, 1), true, 0, false).error());
    assertEquals(
        -22, VfioPciProbePolicy.decide(function(0x8086, 0x10d3, 0), false, 0, false).error());
  }

  @Test
  void vfioPciRefusesAFunctionWithVirtualOnes() {
    VfioPciProbePolicy.Probe probe =
        VfioPciProbePolicy.decide(function(0x8086, 0x10d3, 0), true, 7, false);
    assertEquals(Errno.EBUSY, probe.error());
    assertEquals(List.of("Cannot bind to PF with SR-IOV enabled"), probe.log());
  }

  @Test
  void quickAssistIsDeniedUnlessTheListIsDisabled() {
    PciDevice device = function(0x8086, 0x37c8, 0);
    VfioPciProbePolicy.Probe probe = VfioPciProbePolicy.decide(device, true, 0, false);
    assertEquals(Errno.EINVAL, probe.error());
    assertEquals(
        List.of("8086:37c8 exists in vfio-pci device denylist, driver probing disallowed."),
        probe.log());
    probe = VfioPciProbePolicy.decide(device, true, 0, true);
    assertTrue(probe.isBound());
    assertEquals(List.of("device denylist disabled - allowing device 8086:37c8."), probe.log());
    assertTrue(VfioPciProbePolicy.decide(function(0x1af4, 0x37c8, 0), true, 0, false).isBound());
  }

  @Test
  void interruptsMustBeRemappedUnlessTheParameterSaysOtherwise() {
    assertTrue(InterruptPolicy.decide(true, false).isAllowed());
    assertTrue(InterruptPolicy.decide(false, true).isAllowed());
    assertEquals(Errno.EPERM, InterruptPolicy.decide(false, false).error());
    assertEquals(1, InterruptPolicy.decide(false, false).log().size());
    assertEquals(0, InterruptPolicy.decide(false, true).log().size());
  }
}
