package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Has a real kernel answer new random scripts of VFIO calls, and compares. For the profile {@code
 * oracle} only; {@code tests/oracle/README.md} tells how.
 */
@Tag("oracle")
final class VfioFreshRecordingsTest {
  private static final Path RECORDINGS = Path.of("target", "oracle-vfio");
  private static final List<String> PROFILES = List.of("v1", "v2", "cuts", "dirty", "limits");

  /** The words of a call of {@code record.py} that name no script. */
  private static final int RECORD_WORDS = 4;

  @TestFactory
  Stream<DynamicTest> everyLineIsExact() throws Exception {
    String kernel = System.getProperty("oracle.kernel", "");
    assumeTrue(isOnPath("qemu-system-x86_64"), "skipped: QEMU is not installed");
    assumeTrue(isOnPath("gcc"), "skipped: gcc is not installed");
    assumeTrue(Files.isDirectory(Path.of(kernel, "boot")), "skipped: oracle.kernel is no kernel");
    record(kernel);
    try (Stream<Path> recorded = Files.list(RECORDINGS)) {
      return recorded
          .filter(file -> file.toString().endsWith(".transcript"))
          .sorted()
          .toList()
          .stream()
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      file.getFileName().toString(), () -> VfioRecordings.compare(file, "")));
    }
  }

  private static boolean isOnPath(String program) {
    return Splitter.on(File.pathSeparatorChar)
        .splitToStream(System.getenv("PATH"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static void record(String kernel) throws IOException, InterruptedException {
    Files.createDirectories(RECORDINGS);
    List<String> bounds = Splitter.on('-').splitToList(System.getProperty("oracle.seeds", "1-2"));
    int last = Integer.parseInt(bounds.get(bounds.size() - 1));
    List<String> command =
        new ArrayList<>(
            List.of(
                "python3", OraclePrograms.VFIO_RECORD.toString(), kernel, RECORDINGS.toString()));
    for (String profile : PROFILES) {
      for (int seed = Integer.parseInt(bounds.get(0)); seed <= last; seed++) {
        String name = profile + "-" + seed;
        if (!Files.exists(RECORDINGS.resolve(name + ".transcript"))) {
          Path script = RECORDINGS.resolve(name + ".script");
          run(
              script,
              List.of(
                  "python3",
                  OraclePrograms.VFIO_SCRIPTS.toString(),
                  profile,
                  Integer.toString(1000 + seed)));
          command.add(script.toString());
        }
      }
    }
    if (command.size() > RECORD_WORDS) {
      run(RECORDINGS.resolve("log"), command);
    }
  }

  private static void run(Path output, List<String> command)
      throws IOException, InterruptedException {
    int exitCode =
        new ProcessBuilder(command)
            .redirectError(RECORDINGS.resolve("errors").toFile())
            .redirectOutput(output.toFile())
            .start()
            .waitFor();
    assertEquals(0, exitCode, () -> "see tests/conformance/" + RECORDINGS + "/errors: " + command);
  }
}
