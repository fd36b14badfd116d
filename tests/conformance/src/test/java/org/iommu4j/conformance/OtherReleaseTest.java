package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.Iterables;
import java.util.List;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.iommu.release.Linux612;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What later releases do on machines that were recorded on 5.10: booted, and so seen. */
final class OtherReleaseTest {
  private static BootReport boot(String name, KernelRules rules) {
    return boot(MachineReader.read(RecordedMachines.wide(name)), rules);
  }

  private static BootReport boot(Machine machine, KernelRules rules) {
    return LinuxSystem.boot(machine, BootOptions.defaults().withRules(rules)).report();
  }

  private static String end(BootReport report) {
    return Iterables.getLast(report.decisions()).outcome();
  }

  @Test
  void aRegionBeyondTheUnitsReachStops61AndUndoesTheGroupsElsewhere() {
    BootReport before = boot("dm-rmrr-above-aw", Linux61.RULES);
    assertEquals("the kernel stops at a null pointer", end(before));
    assertFalse(before.log().stream().anyMatch(line -> line.contains("Directed I/O")));
    for (KernelRules rules : List.of(Linux510.RULES, Linux612.RULES)) {
      BootReport report = boot("dm-rmrr-above-aw", rules);
      assertTrue(report.groups().isEmpty(), rules.toString());
      assertTrue(report.log().stream().anyMatch(line -> line.contains("Directed I/O")));
    }
  }

  @Test
  void aStructureThat510PassesOverHangsWhoReadsIt() {
    assertEquals("the kernel hangs", end(boot("dm-unknown-types", Linux61.RULES)));
    assertEquals("the kernel hangs", end(boot("dm-unknown-types", Linux612.RULES)));
    assertTrue(boot("dm-unknown-types", Linux510.RULES).iommu().enabled());
  }

  @ParameterizedTest
  @CsvSource({
    "intel_iommu=on swiotlb=force, true",
    "intel_iommu=on iommu=soft, true",
    "intel_iommu=on iommu=off, false",
  })
  void onlyIommuOffKeepsLaterReleasesFromTranslating(String line, boolean translates) {
    Machine machine =
        MachineReader.read(RecordedMachines.named("flat-on"))
            .withCommandLine(CommandLine.parse(line));
    assertFalse(boot(machine, Linux510.RULES).iommu().enabled());
    assertEquals(translates, boot(machine, Linux61.RULES).iommu().enabled());
    assertEquals(translates, boot(machine, Linux612.RULES).iommu().enabled());
  }

  @Test
  void anOptInDoesNotOverruleIommuOffAnyMore() {
    assertTrue(boot("opt-ext-iommuoff", Linux510.RULES).iommu().enabled());
    assertFalse(boot("opt-ext-iommuoff", Linux61.RULES).iommu().enabled());
    assertTrue(boot("opt-ext-iommuoff", Linux612.RULES).groups().isEmpty());
  }

  @Test
  void anUnknownWordIsToldWithAllThatFollowsIt() {
    Machine machine =
        MachineReader.read(RecordedMachines.named("flat-on"))
            .withCommandLine(CommandLine.parse("intel_iommu=on,nobounce,sp_off"));
    List<String> words = boot(machine, Linux612.RULES).log().stream().limit(3).toList();
    assertEquals(
        List.of(
            "DMAR: IOMMU enabled",
            "DMAR: Unknown option - 'nobounce,sp_off'",
            "DMAR: Disable supported super page"),
        words);
  }
}
