package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.iommu4j.evidence.answers.CaptureAnswers;
import org.iommu4j.evidence.answers.Comparison;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.MachineReader;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A prediction rests on facts: with the answers taken out of a capture it stays what it is. */
final class WithoutAnswersTest {
  private static final String ANSWERS = "./(sys/kernel|sys/class/iommu|var|lockstep|trace).*";

  @ParameterizedTest
  @ValueSource(strings = {"5.10", "6.1", "6.12"})
  void predictionsStayWhatTheyAre(String release, @TempDir Path directory) throws IOException {
    for (Path capture : RecordedMachines.of(release)) {
      Path facts = directory.resolve(RecordedMachines.nameOf(capture));
      unpackFacts(capture, facts);
      assertTrue(CaptureAnswers.read(facts).isEmpty(), "the answers are out");
      BootReport report = LinuxSystem.boot(MachineReader.read(facts)).report();
      Comparison comparison = Comparison.of(report, CaptureAnswers.read(capture));
      assertEquals(0, comparison.size(), RecordedMachines.nameOf(capture));
    }
  }

  private static void unpackFacts(Path capture, Path directory) throws IOException {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(capture));
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path out = directory.resolve(entry.getName()).normalize();
        if (entry.isFile() && !entry.getName().matches(ANSWERS)) {
          Files.createDirectories(out.getParent());
          Files.copy(tar, out);
        }
      }
    }
  }
}
