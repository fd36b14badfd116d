package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.iommu4j.evidence.answers.CaptureAnswers;
import org.iommu4j.evidence.answers.Comparison;
import org.iommu4j.evidence.answers.Difference;
import org.iommu4j.evidence.answers.LogEdit;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.pci.PciAddress;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every recorded machine is predicted exactly as the kernel answered. */
final class RecordedMachinesTest {
  @TestFactory
  Stream<DynamicTest> isPredictedAsRecorded() {
    return Stream.of("5.10", "6.1", "6.12")
        .flatMap(series -> captures(series).map(capture -> predicted(series, capture)));
  }

  private static Stream<Path> captures(String series) {
    return Stream.of(series, series + "-wide").flatMap(set -> RecordedMachines.of(set).stream());
  }

  private static DynamicTest predicted(String series, Path capture) {
    return DynamicTest.dynamicTest(
        series + " " + RecordedMachines.nameOf(capture),
        () -> {
          Machine machine = MachineReader.read(capture);
          BootReport report = LinuxSystem.boot(machine).report();
          assertEquals(series, report.release().series());
          assertExact(Comparison.of(report, CaptureAnswers.read(capture)));
        });
  }

  private static void assertExact(Comparison comparison) {
    assertEquals(List.of(), comparison.differences());
    assertEquals(
        List.of(),
        comparison.log().stream().filter(edit -> edit.side() != LogEdit.Side.BOTH).toList());
  }

  @Test
  void allMachinesAreThere() {
    assertEquals(44, RecordedMachines.all().size());
    assertEquals(308, RecordedMachines.wide().size());
    assertEquals(58, RecordedMachines.of("6.1").size());
    assertEquals(58, RecordedMachines.of("6.12").size());
    assertEquals(71, RecordedMachines.of("6.1-wide").size());
    assertEquals(72, RecordedMachines.of("6.12-wide").size());
  }

  @Test
  void everyCaptureHoldsAnswersOfEachKind() {
    for (var capture : RecordedMachines.all()) {
      CaptureAnswers answers = CaptureAnswers.read(capture);
      assertFalse(answers.devices().isEmpty(), capture.toString());
      assertFalse(answers.log(Linux510.RULES).isEmpty(), capture.toString());
    }
  }

  @Test
  void anotherCommandLineIsToldFromTheRecordedOne() {
    Machine machine = MachineReader.read(RecordedMachines.named("switch-on"));
    CommandLine other = CommandLine.parse("intel_iommu=on iommu=pt");
    BootReport report = LinuxSystem.boot(machine.withCommandLine(other)).report();
    CaptureAnswers answers = CaptureAnswers.read(RecordedMachines.named("switch-on"));
    Comparison comparison = Comparison.of(report, answers);
    assertTrue(
        comparison
            .differences()
            .contains(new Difference("0000:03:00.0", "ops", "none", "intel_dma_ops")));
    assertTrue(
        comparison
            .log()
            .contains(
                new LogEdit(LogEdit.Side.RECORDED, "iommu: Default domain type: Translated ")));
  }

  @Test
  void anotherMachineIsToldFromTheRecordedOne() {
    BootReport report =
        LinuxSystem.boot(MachineReader.read(RecordedMachines.named("usb-on"))).report();
    CaptureAnswers answers = CaptureAnswers.read(RecordedMachines.named("usb-rmrr"));
    assertEquals(
        List.of("group 5"),
        Comparison.of(report, answers).differences().stream().map(Difference::subject).toList());
  }

  @Test
  void graphicsThatAreLeftOutSayWhy() {
    Machine machine = MachineReader.read(RecordedMachines.wide("gfx-only-igfx"));
    BootReport report = LinuxSystem.boot(machine).report();
    List<String> because =
        report
            .device(PciAddress.parse("0000:00:02.0").orElseThrow())
            .orElseThrow()
            .decisions()
            .stream()
            .flatMap(decision -> decision.because().stream())
            .toList();
    assertTrue(because.contains("its unit is left out: intel_iommu=igfx_off"), because.toString());
  }
}
