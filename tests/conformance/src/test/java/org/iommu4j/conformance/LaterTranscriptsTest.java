package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.iommu4j.evidence.replay.Replay;
import org.iommu4j.evidence.replay.ReplayedCommand;
import org.iommu4j.evidence.replay.Transcript;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Scripts that kernels after 5.10 ran, each replayed as the release that its capture names: the
 * model must answer every line alike.
 */
final class LaterTranscriptsTest {
  private static final ImmutableList<String> SERIES = ImmutableList.of("6.1", "6.12");

  static Stream<String> recordings() {
    return SERIES.stream().flatMap(LaterTranscriptsTest::recordings);
  }

  private static Stream<String> recordings(String series) {
    try (Stream<Path> files = Files.list(directory(series))) {
      return files
          .map(file -> series + "/" + file.getFileName())
          .filter(name -> name.endsWith(".tar.gz"))
          .sorted()
          .toList()
          .stream();
    } catch (IOException | URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static Path directory(String series) throws URISyntaxException {
    URL url = LaterTranscriptsTest.class.getResource("/lockstep/" + series);
    return Path.of(Objects.requireNonNull(url, series).toURI());
  }

  private static Path capture(String name) throws URISyntaxException {
    int slash = name.indexOf('/');
    return directory(name.substring(0, slash)).resolve(name.substring(slash + 1));
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void everyLineIsExact(String name) throws URISyntaxException {
    Machine machine = MachineReader.read(capture(name));
    for (ReplayedCommand command : Replay.run(machine, Transcript.ofCapture(capture(name)))) {
      assertEquals(command.command().recorded(), command.lines(), command.command()::toString);
    }
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void answersComeFromTheModelAlone(String name) throws URISyntaxException {
    Machine machine = MachineReader.read(capture(name));
    Transcript recorded = Transcript.ofCapture(capture(name));
    assertIterableEquals(
        Recordings.lines(recorded),
        Recordings.lines(Replay.run(machine, Recordings.withoutAnswers(recorded))));
  }

  @Test
  void faultsAreInTheWordsOfTheRelease() throws URISyntaxException {
    for (String series : SERIES) {
      Path capture = capture(series + "/fault-strict.tar.gz");
      List<String> log =
          Replay.run(MachineReader.read(capture), Transcript.ofCapture(capture)).stream()
              .flatMap(command -> command.log().stream())
              .toList();
      assertEquals(
          List.of(
              "# DMAR: DRHD: handling fault status reg 2",
              "# DMAR: [DMA Write NO_PASID] Request device [00:05.0] fault addr 0xffff000"
                  + " [fault reason 0x05] PTE Write access is not set"),
          log.stream().limit(2).toList());
    }
  }
}
