package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code assign} as its users see it. */
final class AssignCommandTest {
  private static final String SERVER = Run.machine("server-switch");
  private static final String DESKTOP = Run.machine("desktop-usb-rmrr");

  @Test
  void yesIsZeroAndComesWithTheCommands() {
    Run run = Run.of("assign", SERVER, "03:00.0");
    assertEquals(ExitCodes.OK, run.exitCode(), run.out());
    assertTrue(run.out().contains("\nYes: it can be handed to a guest"), run.out());
    assertTrue(
        run.out().contains("      driverctl set-override 0000:03:00.0 vfio-pci\n"), run.out());
    assertTrue(run.out().contains("/sys/bus/pci/devices/0000:03:00.0/driver_override"), run.out());
    assertTrue(run.out().contains("0000:03:00.0/driver/unbind\n"), run.out());
    assertTrue(
        run.out().contains("0000:02:00.0 PCI bridge is in the group and may stay"), run.out());
  }

  @Test
  void noIsOneAndComesWithTheFix() {
    Run run = Run.of("assign", SERVER, "0000:03:00.0", "--cmdline", "iommu=off");
    assertEquals(ExitCodes.NOT_POSSIBLE, run.exitCode(), run.out());
    assertTrue(run.out().contains("\nNo: 1 thing stands in the way"), run.out());
    assertTrue(run.out().contains("  - The IOMMU is off: iommu=off\n"), run.out());
    assertTrue(run.out().contains("    fix: take iommu=off out of the kernel command line"));
    assertFalse(run.out().contains("drivers/iommu"), run.out());
  }

  @Test
  void whyNamesTheRuleOfEachFinding() {
    String out = Run.of("assign", SERVER, "03:00.0", "--cmdline", "iommu=off", "--why").out();
    assertTrue(out.contains("        drivers/iommu/intel/iommu.c:intel_iommu_init\n"), out);
    assertTrue(out.contains("      group-viability: allowed\n"), out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"00:00.0", "00:1d.7", "00:1f.2", "00:1d.0"})
  void noLineIsLongerThanAHundredColumns(String bdf) {
    Run.of("assign", DESKTOP, bdf, "--why")
        .lines()
        .forEach(line -> assertTrue(line.length() <= 100, line));
  }

  @Test
  void aDriverOfTheHostHasToLetGo(@TempDir Path directory) throws IOException {
    Path capture = Captures.unpack(SERVER, directory);
    Path devices = capture.resolve("sys/bus/pci/devices");
    Files.writeString(devices.resolve("0000:03:00.0/driver"), "e1000e\n");
    Run run = Run.of("assign", capture.toString(), "03:00.0");
    assertTrue(run.out().contains("Take it from e1000e, which uses it for the host"), run.out());
    Files.writeString(devices.resolve("0000:03:00.0/driver"), "vfio-pci\n");
    run = Run.of("assign", capture.toString(), "03:00.0");
    assertTrue(run.out().contains("It is bound to vfio-pci already"), run.out());
    assertTrue(run.out().contains("\nYes: it can be handed to a guest or to user space.\n"));
  }

  @Test
  void jsonHasTheDocumentedNames() throws JsonProcessingException {
    JsonNode root =
        new ObjectMapper().readTree(Run.of("assign", "--format", "json", SERVER, "02:00.0").out());
    assertEquals(
        List.of("machine", "kernel", "commandLine", "bdf", "possible", "findings"),
        ImmutableList.copyOf(root.fieldNames()));
    assertFalse(root.path("possible").booleanValue());
    JsonNode finding = root.path("findings").path(0);
    assertEquals(
        List.of("kind", "text", "fixes", "decisions"), ImmutableList.copyOf(finding.fieldNames()));
    assertEquals("obstacle", finding.path("kind").asText());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "assign",
        "assign ../machines/server-switch.tar.gz 1:2:3",
        "assign ../machines/server-switch.tar.gz 00:09.0",
        "assign no-such-machine 00:09.0",
        "assign ../machines/server-switch.tar.gz 03:00.0 04:00.0"
      })
  void badInputIsOneLineAndTwo(String args) {
    Run run = Run.of(args.split(" "));
    assertEquals(ExitCodes.BAD_INPUT, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertEquals("", run.out());
  }
}
