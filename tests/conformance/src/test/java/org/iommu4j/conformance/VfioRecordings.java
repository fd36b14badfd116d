package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.vfio.Vfio;

/** Compares transcripts of VFIO scripts with what the model answers. */
final class VfioRecordings {
  private static final String MACHINE = "# machine: ";

  private VfioRecordings() {}

  /**
   * Runs a transcript's commands, and compares.
   *
   * @param transcript the file; the capture of its machine lies beside it
   * @param ending what a capture's name ends with
   */
  static void compare(Path transcript, String ending) throws IOException {
    List<String> recorded = Files.readAllLines(transcript);
    String machineName =
        recorded.stream()
            .filter(line -> line.startsWith(MACHINE))
            .map(line -> line.substring(MACHINE.length()))
            .findFirst()
            .orElse("vfio");
    Machine machine = MachineReader.read(transcript.resolveSibling(machineName + ending));
    Vfio vfio = new Vfio(machine, LinuxSystem.boot(machine));
    VfioScript script = new VfioScript(vfio);
    boolean sameWords = KernelReleases.find(machine.kernel()).isPresent();
    List<String> expected = VfioScript.comparable(recorded);
    if (!sameWords) {
      expected = expected.stream().filter(VfioRecordings::isNoFault).toList();
    }
    assertFalse(expected.isEmpty());
    List<String> answers = new ArrayList<>();
    for (String command : VfioScript.commands(expected)) {
      try {
        List<String> lines = script.run(command);
        answers.addAll(
            sameWords ? lines : lines.stream().filter(VfioRecordings::isNoFault).toList());
      } catch (RuntimeException | AssertionError e) {
        answers.add(command + " -> " + e);
      }
    }
    assertEquals(String.join("\n", expected), String.join("\n", answers));
  }

  // The model's words for a fault are those of 5.10, whatever release VFIO is of.
  private static boolean isNoFault(String line) {
    return !line.startsWith("# DMAR: ");
  }
}
