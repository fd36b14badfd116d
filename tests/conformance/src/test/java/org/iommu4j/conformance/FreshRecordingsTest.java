package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.iommu4j.evidence.replay.Replay;
import org.iommu4j.evidence.replay.Transcript;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Has a real kernel answer new random scripts, and compares. For the profile {@code oracle} only;
 * {@code tests/oracle/README.md} tells how.
 */
@Tag("oracle")
final class FreshRecordingsTest {
  private static final Path RECORDINGS = Path.of("target", "oracle");

  @Test
  void everyLineIsExactWithoutTheAnswers() throws Exception {
    String kernel = System.getProperty("oracle.kernel", "");
    String module = System.getProperty("oracle.module", "");
    assumeTrue(isOnPath("qemu-system-x86_64"), "QEMU is not installed");
    assumeTrue(Files.isDirectory(Path.of(kernel, "boot")), "oracle.kernel names no kernel");
    assumeTrue(Files.isRegularFile(Path.of(module)), "oracle.module names no module");
    record(kernel, module);
    try (Stream<Path> recorded = Files.list(RECORDINGS)) {
      assertAll(
          recorded.filter(Files::isDirectory).sorted().map(capture -> () -> compare(capture)));
    }
  }

  private static boolean isOnPath(String program) {
    return Splitter.on(File.pathSeparatorChar)
        .splitToStream(System.getenv("PATH"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static void record(String kernel, String module)
      throws IOException, InterruptedException {
    Files.createDirectories(RECORDINGS);
    List<String> seeds = Splitter.on('-').splitToList(System.getProperty("oracle.seeds", "1-2"));
    Path log = RECORDINGS.resolve("log");
    int exitCode =
        new ProcessBuilder(
                "python3",
                OraclePrograms.TRANSCRIPTS.toString(),
                RECORDINGS.toString(),
                kernel,
                module,
                seeds.get(0),
                seeds.get(seeds.size() - 1),
                System.getProperty("oracle.settings", "."))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    assertEquals(0, exitCode, () -> "not all was recorded, see tests/conformance/" + log);
  }

  private static void compare(Path capture) {
    Machine machine = MachineReader.read(capture);
    Transcript recorded = Transcript.ofCapture(capture);
    List<String> expected = Recordings.lines(recorded);
    List<String> answered =
        Recordings.lines(Replay.run(machine, Recordings.withoutAnswers(recorded)));
    // On which CPU a script began is a guess.
    if (!answered.equals(expected)) {
      answered = Recordings.lines(Replay.closest(machine, recorded));
    }
    assertIterableEquals(expected, answered, capture::toString);
  }
}
