package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.iommu4j.iommu.machine.Machine;
import org.iommu4j.iommu.machine.MachineReader;
import org.iommu4j.iommu.replay.Replay;
import org.iommu4j.iommu.replay.ReplayedCommand;
import org.iommu4j.iommu.replay.Transcript;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts of DMA calls that a real kernel ran: the model must answer every line alike. */
final class RecordedTranscriptsTest {
  private static Path capture(String name) throws URISyntaxException {
    String resource = "/lockstep/5.10/" + name + ".tar.gz";
    return Path.of(
        Objects.requireNonNull(RecordedTranscriptsTest.class.getResource(resource)).toURI());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "remap-masks",
        "remap-lazy",
        "remap-group",
        "remap-aw48",
        "fault-strict",
        "direct-5g",
        "direct-force",
        "direct-noforce",
        "direct-tiny",
        "direct-resources",
        "direct-align",
        "direct-bound",
        "direct-limit",
        "direct-full",
        "bounce-masks",
        "bounce-skip",
        "bounce-noswiotlb",
        "bounce-resources",
        "bounce-align",
        "bounce-bound",
        "fault-bounce"
      })
  void everyLineIsExact(String name) throws URISyntaxException {
    Machine machine = MachineReader.read(capture(name));
    ImmutableList<ReplayedCommand> replayed =
        Replay.run(machine, Transcript.ofCapture(capture(name)), 0);
    for (ReplayedCommand command : replayed) {
      assertEquals(command.command().recorded(), command.lines(), command.command()::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"remap-masks", "fault-strict", "direct-noforce", "bounce-masks"})
  void answersComeFromTheModelAlone(String name) throws URISyntaxException {
    Machine machine = MachineReader.read(capture(name));
    Transcript recorded = Transcript.ofCapture(capture(name));
    assertEquals(
        lines(Replay.run(machine, recorded, 0)),
        lines(Replay.run(machine, withoutAnswers(recorded), 0)));
  }

  @Test
  void overflowsAreReportedOnceEachInTheKernelsWords() throws URISyntaxException {
    Machine machine = MachineReader.read(capture("direct-limit"));
    assertEquals(
        List.of(
            "# pci 0000:00:05.0: DMA addr 0x00000000febf0000+4096 overflow"
                + " (mask 3ffffffff, bus limit 7fffffff).",
            "# pci 0000:00:05.0: swiotlb addr 0x000000007bf6c000+2047 overflow"
                + " (mask ffffffffff, bus limit 1fffff)."),
        Replay.run(machine, Transcript.ofCapture(capture("direct-limit")), 0).stream()
            .flatMap(command -> command.log().stream())
            .toList());
  }

  @Test
  void faultsAreInTheKernelsWords() throws URISyntaxException {
    Machine machine = MachineReader.read(capture("fault-strict"));
    List<String> log =
        Replay.run(machine, Transcript.ofCapture(capture("fault-strict")), 0).stream()
            .flatMap(command -> command.log().stream())
            .toList();
    assertEquals(
        List.of(
            "# DMAR: DRHD: handling fault status reg 2",
            "# DMAR: [DMA Read] Request device [00:05.0] PASID ffffffff fault addr ffff000"
                + " [fault reason 06] PTE Read access is not set"),
        log.stream().dropWhile(line -> !line.contains("reg 2")).limit(2).toList());
  }

  private static List<String> lines(List<ReplayedCommand> replayed) {
    return replayed.stream().flatMap(command -> command.lines().stream()).toList();
  }

  private static Transcript withoutAnswers(Transcript recorded) {
    String text =
        recorded.commands().stream()
            .map(
                command -> {
                  String line = command.recorded().get(command.recorded().size() - 1);
                  boolean kept = command.text().startsWith("page ");
                  boolean alloc = command.text().startsWith("alloc ") && line.contains("phys=");
                  return kept
                      ? line
                      : command.text()
                          + (alloc ? " -> " + line.substring(line.indexOf("phys=")) : "");
                })
            .collect(Collectors.joining("\n"));
    return Transcript.parse("stripped", text);
  }
}
