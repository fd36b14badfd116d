package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;

import com.google.common.collect.ImmutableList;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.iommu4j.evidence.replay.Replay;
import org.iommu4j.evidence.replay.ReplayedCommand;
import org.iommu4j.evidence.replay.Transcript;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
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
        "remap-lazy-ring",
        "remap-cpus",
        "remap-cpus-four",
        "remap-group",
        "remap-aw48",
        "fault-strict",
        "fault-lazy",
        "odd-remap",
        "odd-direct",
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
        "bounce-realign",
        "bounce-neighbour",
        "bounce-nothing",
        "bounce-bound",
        "fault-bounce",
        "sizes-remap",
        "sizes-bounce",
        "sizes-force",
        "edges-remap",
        "edges-direct",
        "edges-bounce",
        "domain",
        "domain-huge",
        "domain-spoff",
        "domain-edges",
        "domain-device",
        "domain-freed",
        "domain-group",
        "domain-shared",
        "domain-attached",
        "domain-attached-bounce"
      })
  void everyLineIsExact(String name) throws URISyntaxException {
    Machine machine = MachineReader.read(capture(name));
    ImmutableList<ReplayedCommand> replayed =
        Replay.run(machine, Transcript.ofCapture(capture(name)));
    for (ReplayedCommand command : replayed) {
      assertEquals(command.command().recorded(), command.lines(), command.command()::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "remap-masks",
        "remap-cpus",
        "remap-cpus-four",
        "fault-strict",
        "direct-noforce",
        "bounce-masks",
        "domain-huge"
      })
  void answersComeFromTheModelAlone(String name) throws URISyntaxException {
    Machine machine = MachineReader.read(capture(name));
    Transcript recorded = Transcript.ofCapture(capture(name));
    assertIterableEquals(
        Recordings.lines(recorded),
        Recordings.lines(Replay.run(machine, Recordings.withoutAnswers(recorded))));
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
}
