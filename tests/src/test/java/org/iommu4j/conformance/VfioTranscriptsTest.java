package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.machine.Machine;
import org.iommu4j.iommu.machine.MachineReader;
import org.iommu4j.vfio.Vfio;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scripts of VFIO calls that a real kernel ran: the model must answer every line alike. */
final class VfioTranscriptsTest {
  private static final String MACHINE = "# machine: ";

  private static Path directory() throws URISyntaxException {
    URL url = VfioTranscriptsTest.class.getResource("/vfio/5.10");
    return Path.of(Objects.requireNonNull(url, "the transcripts lie on the class path").toURI());
  }

  static List<String> transcripts() throws IOException, URISyntaxException {
    try (Stream<Path> files = Files.list(directory())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".transcript"))
          .sorted()
          .collect(Collectors.toList());
    }
  }

  @ParameterizedTest
  @MethodSource("transcripts")
  void everyLineIsExact(String name) throws IOException, URISyntaxException {
    List<String> recorded = Files.readAllLines(directory().resolve(name));
    String machineName =
        recorded.stream()
            .filter(line -> line.startsWith(MACHINE))
            .map(line -> line.substring(MACHINE.length()))
            .findFirst()
            .orElse("vfio");
    Machine machine = MachineReader.read(directory().resolve(machineName + ".tar.gz"));
    VfioScript script = new VfioScript(new Vfio(machine, LinuxSystem.boot(machine)));
    List<String> expected = VfioScript.comparable(recorded);
    assertFalse(expected.isEmpty());
    List<String> answers = new ArrayList<>();
    for (String command : VfioScript.commands(expected)) {
      try {
        answers.addAll(script.run(command));
      } catch (RuntimeException | AssertionError e) {
        answers.add(command + " -> " + e);
      }
    }
    assertEquals(String.join("\n", expected), String.join("\n", answers));
  }
}
