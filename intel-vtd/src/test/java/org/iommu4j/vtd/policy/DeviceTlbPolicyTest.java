package org.iommu4j.vtd.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DeviceTlbPolicyTest {
  /** An integrated function at 00:03.0 with this register of an ATS capability. */
  private static PciTopology integrated(int register) {
    byte[] config = new byte[ConfigSpace.EXTENDED_BYTES];
    ByteBuffer bytes = ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0, 0x11e8_1234).putShort(0x0a, (short) 0x0200);
    bytes.putInt(0x100, 1 << 16 | 0x0f).putShort(0x104, (short) register);
    return PciTopology.of(
        ImmutableList.of(
            PciFunctionFacts.ofConfig(new PciAddress(0, 0, 3, 0), ConfigSpace.of(config))));
  }

  // ECAP: 2 is a queue (QI), 4 device TLBs (DT), 2^41 counting by physical function (DIT).
  @ParameterizedTest
  @CsvSource({
    "32, 6, false, true true 32 0",
    "37, 6, false, true true 5 0",
    "33, 2199023255558, false, true true 1 24",
    "5, 6, false, true false 5 0", // allowed, never turned on: it requests any address
    "32, 6, true, false false 0 0", // pci=noats
    "32, 2, false, false false 0 0",
    "32, 4, false, false false 0 0"
  })
  void aFunctionMayCacheWhatItsUnitCanTakeBack(
      int register, long ecap, boolean disabled, String expected) {
    PciTopology pci = integrated(register);
    UnitLookup lookup =
        UnitLookup.of(
            ScopeResolution.resolve(TestFacts.parse(Drhd.includeAll(0xfed90000L)), pci),
            device -> device);
    DeviceTlbPolicy.Outcome outcome =
        DeviceTlbPolicy.decide(
            pci.devices().get(0),
            new Capabilities(0, ecap),
            lookup,
            disabled,
            Linux510.RULES.quirks());
    assertEquals(
        expected,
        String.format(
            "%s %s %d %d",
            outcome.allowed(),
            outcome.enabled(),
            outcome.queueDepth(),
            outcome.physicalFunctionId()),
        outcome.decision()::toString);
  }
}
