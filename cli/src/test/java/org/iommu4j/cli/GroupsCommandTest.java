package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ObjectArrays;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code groups} as its users see it. */
final class GroupsCommandTest {
  private static final String DESKTOP = Run.machine("desktop-usb-rmrr");
  private static final String SERVER = Run.machine("server-switch");
  private static final String DEVICES = "sys/bus/pci/devices/";

  private static Path withDriver(Path directory, String name) throws IOException {
    Path capture = Captures.unpack(SERVER, directory);
    Path driver = capture.resolve(DEVICES + "0000:03:00.0/driver");
    Files.writeString(driver, name, StandardCharsets.ISO_8859_1);
    return capture;
  }

  @Test
  void groupsSayWhoIsInThemAndWhy() {
    Run run = Run.of("groups", SERVER);
    assertEquals(ExitCodes.OK, run.exitCode());
    String out = run.out();
    assertTrue(out.contains("Group 0, domain DMA: isolated\n  0000:00:00.0  Host bridge "), out);
    assertTrue(out.contains("Group 2, domain DMA: 3 functions together\n"), out);
    assertTrue(out.contains("Group 4, domain DMA: one device, and a bridge\n"), out);
    assertTrue(out.contains("    - 0000:02:00.0: downstream port without ACS capability"), out);
    assertTrue(out.contains("\n7 groups, 3 of them isolated; 0 functions in no group.\n"), out);
    assertTrue(out.contains("Which drivers there are is not known (?)."), out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"laptop-thunderbolt", "desktop-usb-rmrr", "server-switch"})
  void noLineIsLongerThanAHundredColumns(String name) {
    Run.of("groups", Run.machine(name))
        .lines()
        .forEach(line -> assertTrue(line.length() <= 100, line));
  }

  @Test
  void oneDeviceHasItsWholeGroup() {
    String out = Run.of("groups", SERVER, "--device", "00:1f.2").out();
    assertTrue(out.contains("0000:00:1f.3"), out);
    assertFalse(out.contains("0000:03:00.0"), out);
  }

  @Test
  void withoutAnIommuThereAreNone() {
    String out = Run.of("groups", SERVER, "--cmdline", "intel_iommu=off").out();
    assertTrue(out.contains("    - no IOMMU: intel_iommu is off\n"), out);
    assertTrue(out.contains("There are no groups.\n"), out);
  }

  @Test
  void jsonHasTheDocumentedNames() throws JsonProcessingException {
    JsonNode root = new ObjectMapper().readTree(Run.of("groups", "--format", "json", SERVER).out());
    assertEquals(
        List.of("machine", "kernel", "commandLine", "iommu", "groups", "ungrouped"),
        ImmutableList.copyOf(root.fieldNames()));
    JsonNode group = root.path("groups").path(2);
    assertEquals(
        List.of("id", "type", "isolated", "devices", "because"),
        ImmutableList.copyOf(group.fieldNames()));
    assertFalse(group.path("isolated").booleanValue());
    assertEquals(3, group.path("devices").size());
    assertEquals("SATA controller", group.path("devices").path(1).path("className").asText());
    assertFalse(group.path("devices").path(0).path("driverKnown").booleanValue());
    assertTrue(group.path("devices").path(0).path("driver").isNull());
  }

  @Test
  void driversAreNamed(@TempDir Path directory) throws IOException {
    Run run = Run.of("groups", withDriver(directory, "e1000e\n").toString());
    assertTrue(run.out().contains("0000:03:00.0  Ethernet      [8086:10d3]  e1000e"), run.out());
    assertTrue(run.out().contains("0000:05:00.0  NVMe          [1b36:0010]  -"), run.out());
    assertFalse(run.out().contains("(?)"), run.out());
  }

  @Test
  void idsThatTheFactsDoNotTellAreAQuestionMark(@TempDir Path directory) throws IOException {
    Path lspci = directory.resolve("lspci.txt");
    Files.writeString(lspci, "00:03.0 Ethernet controller: Intel Corporation 82574L\n");
    for (String command : List.of("groups", "explain --device 00:03.0 --why")) {
      List<String> words = new ArrayList<>(List.of(command.split(" ")));
      words.addAll(List.of("--lspci", lspci.toString()));
      Run run = Run.of(words.toArray(String[]::new));
      assertEquals(ExitCodes.OK, run.exitCode(), run.err());
      assertTrue(run.out().contains("[?]"), run.out());
      assertFalse(run.out().contains("ffff"), run.out());
    }
    for (String command : List.of("groups", "explain")) {
      Run run = Run.of(command, "--format", "json", "--lspci", lspci.toString());
      assertTrue(run.out().contains("\"vendor\": null,"), run.out());
      assertTrue(run.out().contains("\"device\": null,"), run.out());
    }
  }

  @Test
  void bridgesAloneAreFunctionsTogether(@TempDir Path directory) throws IOException {
    Path capture = Captures.unpack(DESKTOP, Files.createDirectory(directory.resolve("capture")));
    String bridge = "00:1e.%d PCI bridge [0604]: x [8086:244e]\n\tBus: primary=00, secondary=%02x,";
    String rest = " subordinate=%02x, sec-latency=32\n";
    Path lspci = directory.resolve("lspci.txt");
    Files.writeString(lspci, String.format((bridge + rest).repeat(2), 0, 1, 1, 1, 2, 2));
    String dmar = capture.resolve("sys/firmware/acpi/tables/DMAR").toString();
    String[] parts = {"--lspci", lspci.toString(), "--dmar", dmar, "--cmdline", "intel_iommu=on"};
    Run run = Run.of(ObjectArrays.concat("groups", parts));
    assertTrue(run.out().contains("Group 0, domain DMA: 2 functions together\n"), run.out());
  }

  @Test
  void aDriverIsALinkOnAMachine(@TempDir Path directory) throws IOException {
    Path capture = Captures.unpack(SERVER, directory);
    Files.createSymbolicLink(
        capture.resolve(DEVICES + "0000:05:00.0/driver"),
        Path.of("../../../../bus/pci/drivers/nvme"));
    String out = Run.of("groups", capture.toString()).out();
    assertTrue(out.contains("0000:05:00.0  NVMe          [1b36:0010]  nvme"), out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"two words", "a\u001b[2Jb", "\u00e9"})
  void aDriverWithAStrangeNameIsBadInput(String name, @TempDir Path directory) throws IOException {
    Run run = Run.of("groups", withDriver(directory, name).toString());
    assertEquals(ExitCodes.BAD_INPUT, run.exitCode());
    assertTrue(run.err().contains("a driver's name is one word"), run.err());
    assertFalse(run.err().contains("\u001b"), run.err());
  }

  @Test
  void aFunctionThatIsNotThereIsBadInput() {
    assertEquals(ExitCodes.BAD_INPUT, Run.of("groups", SERVER, "--device", "00:09.0").exitCode());
  }
}
