package org.iommu4j.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.iommu.release.Linux612;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.UnitRegisters;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DeviceScope.Hop;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.junit.jupiter.api.Test;

/** Machines with more than one unit, which QEMU does not have: known from the source alone. */
final class SeveralUnitsTest {
  private static final long BASE = 0xfed90000L;
  private static final long CAP = 0xd2008c22260206L;
  private static final long CACHING = CAP | 0x80;
  private static final long ECAP = 0xf00f4aL;
  private static final long NO_PASS_THROUGH = ECAP & ~0x40L;
  private static final KernelConfig CONFIG =
      KernelConfig.parse(
          "CONFIG_INTEL_IOMMU=y\nCONFIG_INTEL_IOMMU_DEFAULT_ON=y\nCONFIG_SWIOTLB=y\n");

  /** Unit 0 has 00:05.0, unit 1 has 00:03.0, unit 2 has all that is left. */
  private static BootReport boot(KernelRules rules, String line, long[] caps, long[] ecaps) {
    byte[] table =
        new DmarBuilder()
            .add(
                Drhd.of(BASE, DeviceScope.endpoint(0, new Hop(5, 0))),
                Drhd.of(BASE + 0x1000, DeviceScope.endpoint(0, new Hop(3, 0))),
                Drhd.includeAll(BASE + 0x2000))
            .build();
    List<PciFunctionFacts> functions = new ArrayList<>();
    for (String address : List.of("00:01.0", "00:03.0", "00:03.1", "00:05.0")) {
      functions.add(endpoint(address));
    }
    MachineBuilder machine =
        Machine.builder("units")
            .commandLine(CommandLine.parse(line))
            .config(CONFIG)
            .firmwareTable(new FirmwareTable("DMAR", "generated", table))
            .pci(PciTopology.of(functions));
    for (int i = 0; i < caps.length; i++) {
      machine.unit(unit(BASE + 0x1000L * i, caps[i], ecaps[i]));
    }
    BootOptions options = BootOptions.defaults().withRules(rules);
    return LinuxSystem.boot(machine.build(), options).report();
  }

  private static BootReport boot(KernelRules rules) {
    return boot(rules, "intel_iommu=on", new long[] {CAP, CAP, CAP}, new long[] {ECAP, ECAP, ECAP});
  }

  private static UnitRegisters unit(long base, long cap, long ecap) {
    return new UnitRegisters(
        base, ImmutableMap.of("version_major", 1L, "version_minor", 0L, "cap", cap, "ecap", ecap));
  }

  private static PciFunctionFacts endpoint(String address) {
    byte[] space = new byte[256];
    space[0] = 0x34;
    space[1] = 0x12;
    return PciFunctionFacts.ofConfig(
        PciAddress.parse(address).orElseThrow(), ConfigSpace.of(space));
  }

  private static DeviceReport device(BootReport report, String address) {
    return report.device(PciAddress.parse(address).orElseThrow()).orElseThrow();
  }

  private static List<String> joins(BootReport report) {
    return report.log().stream()
        .filter(line -> line.contains("Adding to iommu group"))
        .map(line -> line.substring("pci 0000:".length()).replace("Adding to iommu group ", ""))
        .toList();
  }

  @Test
  void groupsAreNumberedByTheBusIn510() {
    assertEquals(
        List.of("00:01.0: 0", "00:03.0: 1", "00:03.1: 1", "00:05.0: 2"),
        joins(boot(Linux510.RULES)));
  }

  @Test
  void groupsAreNumberedByUnitFirstAndTheTablesLastNamedUnitIsTheFirst() {
    List<String> byUnit = List.of("00:03.0: 0", "00:05.0: 1", "00:01.0: 2", "00:03.1: 0");
    assertEquals(byUnit, joins(boot(Linux61.RULES)));
    assertEquals(byUnit, joins(boot(Linux612.RULES)));
  }

  @Test
  void aUnitWithCachingModeMakesStrictWhatIsProbedFromThenOn() {
    BootReport report =
        boot(
            Linux61.RULES,
            "intel_iommu=on",
            new long[] {CACHING, CAP, CACHING},
            new long[] {ECAP, ECAP, ECAP});
    assertEquals(DomainType.DMA_FQ, device(report, "00:03.0").domainType());
    assertEquals(DomainType.DMA, device(report, "00:05.0").domainType());
    assertEquals(DomainType.DMA, device(report, "00:01.0").domainType());
    assertEquals(
        1, report.log().stream().filter(line -> line.contains("batching disallowed")).count());
    assertTrue(report.log().contains("DMAR: IOMMU feature caching_mode inconsistent"));
  }

  @Test
  void aUnitWithoutPassThroughTranslatesItsOwnDevicesIn612() {
    long[] ecaps = {NO_PASS_THROUGH, ECAP, ECAP};
    long[] caps = {CAP, CAP, CAP};
    BootReport later = boot(Linux612.RULES, "intel_iommu=on iommu=pt", caps, ecaps);
    assertEquals(DomainType.DMA, device(later, "00:05.0").domainType());
    assertEquals(DomainType.IDENTITY, device(later, "00:03.0").domainType());
    BootReport before = boot(Linux61.RULES, "intel_iommu=on iommu=pt", caps, ecaps);
    assertEquals(DomainType.IDENTITY, device(before, "00:05.0").domainType());
  }

  @Test
  void aFunctionThatComesToAGroupOfAnotherUnitHasNoOperationsIn61() {
    long[] caps = {CAP, CAP, CAP};
    long[] ecaps = {ECAP, ECAP, ECAP};
    BootReport before = boot(Linux61.RULES, "intel_iommu=on", caps, ecaps);
    assertEquals(device(before, "00:03.0").group(), device(before, "00:03.1").group());
    assertEquals("iommu_dma_ops", device(before, "00:03.0").dmaOps());
    assertNull(device(before, "00:03.1").dmaOps());
    assertEquals(DomainType.DMA_FQ, device(before, "00:03.1").domainType());
    BootReport later = boot(Linux612.RULES, "intel_iommu=on", caps, ecaps);
    assertEquals(
        ImmutableList.of(true, true),
        ImmutableList.of(device(later, "00:03.0").dmaIommu(), device(later, "00:03.1").dmaIommu()));
  }
}
