package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The profile {@code oracle} runs rarely; that its programs are where it looks is seen always. */
final class OracleProgramsTest {
  static Stream<Path> programs() {
    return Stream.of(
        OraclePrograms.TRANSCRIPTS, OraclePrograms.VFIO_RECORD, OraclePrograms.VFIO_SCRIPTS);
  }

  @ParameterizedTest
  @MethodSource("programs")
  void everyProgramThatTheOracleProfileRunsIsThere(Path program) {
    assertTrue(Files.isRegularFile(program), () -> program + " is not a file");
  }
}
