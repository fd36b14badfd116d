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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code fault} as its users see it. */
final class FaultCommandTest {
  private static final String SERVER = Run.machine("server-switch");
  private static final String DESKTOP = Run.machine("desktop-usb-rmrr");
  private static final String WRITE =
      "DMAR: [DMA Write NO_PASID] Request device [03:00.0] fault addr 0xfffc2000"
          + " [fault reason 0x05] PTE Write access is not set";
  private static final String LOG =
      """
      [    1.500000] DMAR: DRHD: handling fault status reg 2
      [    1.600000] DMAR: [DMA Read] Request device [00:1d.0] PASID ffffffff fault addr 3fe01000 \
      [fault reason 06] PTE Read access is not set
      [    2.600000] DMAR: [DMA Read] Request device [00:1d.0] PASID ffffffff fault addr 3fe02000 \
      [fault reason 06] PTE Read access is not set
      [    3.000000] dmar_fault: 14 callbacks suppressed
      [    4.000000] usb 1-1: new high-speed USB device number 2 using ehci-pci
      [    9.100000] nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000f \
      address=0x0 flags=0x0020]
      """;

  private static JsonNode json(String... args) throws JsonProcessingException {
    return new ObjectMapper().readTree(Run.of(args).out());
  }

  private static String log(Path directory, String text) throws IOException {
    return Files.writeString(directory.resolve("log"), text).toString();
  }

  private static List<String> causes(String address) throws JsonProcessingException {
    String line = WRITE.replace("0xfffc2000", address);
    List<String> causes = new ArrayList<>();
    json("fault", "--format", "json", line)
        .at("/faults/0/causes")
        .forEach(cause -> causes.add(cause.path("cause").asText()));
    return causes;
  }

  @Test
  void whatSpeaksAgainstACauseWeighsMoreThanItsUsualPlace() throws JsonProcessingException {
    assertEquals(
        List.of("never mapped", "wrong direction", "used after unmap"),
        causes("0xffff").subList(0, 3));
    assertEquals(
        List.of("used after unmap", "never mapped", "wrong direction"),
        causes("0x10000").subList(0, 3));
  }

  @Test
  void whatABridgePassesOnIsNoRegisterOfItsOwn() throws JsonProcessingException {
    String peer = "another device's registers";
    String line = WRITE.replace("0xfffc2000", "0xfe000010");
    List<String> speaking = new ArrayList<>();
    for (JsonNode cause : json("fault", "--format", "json", line, SERVER).at("/faults/0/causes")) {
      if (cause.path("cause").asText().equals(peer)) {
        cause.path("for").forEach(fact -> speaking.add(fact.asText()));
      }
    }
    assertEquals(List.of("0000:04:00.0 decodes 0xfe000000 to 0xfe0fffff"), speaking);
    String window = WRITE.replace("0xfffc2000", "0xfe700000");
    assertFalse(Run.of("fault", window, SERVER).out().contains(peer));
  }

  @Test
  void whatTheKernelHeldBackAddsUp(@TempDir Path directory) throws IOException {
    String again = LOG + "[   10.0] dmar_fault: 3 callbacks suppressed\n";
    Run run = Run.of("fault", "--dmesg", log(directory, again));
    assertTrue(run.lines().get(0).contains("the kernel held back 17 more"), run.out());
  }

  @Test
  void theInnermostRangeSaysWhoseAnAddressIs(@TempDir Path directory) throws IOException {
    Path capture = Captures.unpack(SERVER, directory);
    Files.writeString(
        capture.resolve("proc/iomem"),
        """
        00100000-3ffd7fff : System RAM
        c0000000-febfffff : PCI Bus 0000:00
          c8000000-c8ffffff : Reserved
        """);
    String line = WRITE.replace("0xfffc2000", "0xc8000010");
    String out = Run.of("fault", line, capture.toString()).out();
    assertTrue(out.contains("firmware's: [mem 0xc8000000-0xc8ffffff] Reserved"), out);
  }

  @Test
  void memoryOfFirmwareIsCalledWhatTheVendorsTableCallsIt() {
    String amd =
        "nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000f"
            + " address=0xfff00000 flags=0x0000]";
    assertTrue(Run.of("fault", WRITE).out().contains("firmware's memory without an RMRR"));
    assertTrue(Run.of("fault", amd).out().contains("firmware's memory without an IVMD"));
  }

  @Test
  void jsonHasThePasid() throws JsonProcessingException {
    String pasid = WRITE.replace(" NO_PASID]", " PASID 0x2a]");
    assertEquals(0x2a, json("fault", "--format", "json", pasid).at("/faults/0/pasid").asInt());
    assertTrue(json("fault", "--format", "json", WRITE).at("/faults/0/pasid").isNull());
  }

  @Test
  void aLineIsDecodedWithoutAMachine() {
    Run run = Run.of("fault", "[ 12.5] " + WRITE);
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    assertTrue(run.out().startsWith("device    0000:03:00.0\n"), run.out());
    assertTrue(run.out().contains("tried     to write at I/O address 0xfffc2000\n"), run.out());
    assertTrue(run.out().contains("hexadecimal"), run.out());
    assertTrue(run.out().contains("  1. used after unmap: "), run.out());
  }

  @Test
  void theMachineSpeaksForAndAgainst() {
    String out = Run.of("fault", WRITE, SERVER).out();
    assertTrue(out.contains("device    0000:03:00.0 Ethernet controller"), out);
    assertTrue(out.contains("     + unmapping is lazy"), out);
    assertTrue(out.contains("     - 0000:03:00.0 is an endpoint"), out);
    out.lines().forEach(line -> assertTrue(line.length() <= 100, line));
  }

  @Test
  void whatAnotherDeviceHasReservedIsSeen() {
    String region = "3fe0";
    Run explained = Run.of("explain", "--format", "json", DESKTOP);
    assertTrue(explained.out().contains("\"type\": \"direct-relaxable\""), explained.out());
    String line = WRITE.replace("0xfffc2000", "0x" + region + "0000");
    String out = Run.of("fault", line, DESKTOP).out();
    assertTrue(out.contains("which is no function of"), out);
    assertTrue(out.contains("     + the machine has no function 0000:03:00.0\n"), out);
  }

  @Test
  void peersAndInterruptsAndNullAreTold() {
    assertTrue(
        Run.of("fault", WRITE.replace("0xfffc2000", "0xfee00000"))
            .out()
            .contains("lies in the range of interrupts"));
    String nothing = Run.of("fault", WRITE.replace("0xfffc2000", "0x0")).out();
    assertTrue(nothing.contains("  1. never mapped: "), nothing);
    String beyond =
        Run.of("fault", WRITE.replace("0xfffc2000", "0xffff888000000000").replace("0x05", "0x04"))
            .out();
    assertTrue(beyond.contains("as a sign extension does"), beyond);
  }

  @Test
  void aWholeLogIsGroupedAndCounted(@TempDir Path directory) throws IOException {
    Run run = Run.of("fault", "--dmesg", log(directory, LOG));
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    String out = run.out();
    assertTrue(
        out.startsWith("3 messages of 2 kinds in 6 lines; the kernel held back 14 more"), out);
    assertTrue(out.contains("seen      2 times, from 1.600000 s to 2.600000 s\n"), out);
    assertTrue(out.contains("2 I/O addresses, 0x3fe01000 to 0x3fe02000\n"), out);
    assertTrue(out.contains("seen      once, at 9.100000 s\n"), out);
    assertTrue(out.contains("  - no PR: nothing is mapped there\n"), out);
    assertTrue(out.contains("Beside these:\n  - the unit's fault status is 0x2: "), out);
  }

  @Test
  void aLogWithoutFaultsSaysSo(@TempDir Path directory) throws IOException {
    Run run = Run.of("fault", "--dmesg", log(directory, "[ 0.1] Linux version 5.10\n"));
    assertEquals(ExitCodes.OK, run.exitCode());
    assertEquals("No request was refused in 1 line.\n", run.out());
  }

  @Test
  void jsonHasTheDocumentedNames(@TempDir Path directory) throws IOException {
    JsonNode root = json("fault", "--format", "json", "--dmesg", log(directory, LOG), SERVER);
    assertEquals(
        List.of("machine", "lines", "suppressed", "faults", "related"),
        ImmutableList.copyOf(root.fieldNames()));
    assertEquals(14, root.path("suppressed").intValue());
    JsonNode fault = root.path("faults").path(0);
    assertEquals(2, fault.path("count").intValue());
    assertEquals("read", fault.path("access").asText());
    assertEquals(6, fault.path("reason").path("code").intValue());
    assertEquals("06", fault.path("reason").path("printed").asText());
    assertEquals("not-mapped", fault.path("condition").asText());
    assertEquals(
        List.of("cause", "explanation", "for", "against"),
        ImmutableList.copyOf(fault.path("causes").path(0).fieldNames()));
    assertEquals("AMD-Vi", root.path("faults").path(1).path("vendor").asText());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "DMAR: IOMMU enabled",
        "dmar_fault: 12 callbacks suppressed",
        "\u001b[2J"
      })
  void whatIsNoFaultIsOneErrorAndTwo(String line) {
    Run run = Run.of("fault", line);
    assertEquals(ExitCodes.BAD_INPUT, run.exitCode());
    assertEquals(1, run.err().lines().count(), run.err());
    assertFalse(run.err().contains("\u001b"), run.err());
    assertEquals("", run.out());
  }

  @Test
  void missingOperandsAndFilesAreBadInput() {
    assertEquals(ExitCodes.BAD_INPUT, Run.of("fault").exitCode());
    assertEquals(ExitCodes.BAD_INPUT, Run.of("fault", "--dmesg", "no-such-file").exitCode());
    assertEquals(ExitCodes.BAD_INPUT, Run.of("fault", WRITE, "no-such-machine").exitCode());
    assertEquals(
        ExitCodes.BAD_INPUT, Run.of("fault", "--dmesg", "../pom.xml", SERVER, "x").exitCode());
  }

  @Test
  void controlCharactersOfALogCannotAct(@TempDir Path directory) throws IOException {
    String line = WRITE.replace("PTE Write access", "PTE \u001b[2J access");
    String out = Run.of("fault", "--dmesg", log(directory, line)).out();
    assertFalse(out.contains("\u001b"), out);
    assertTrue(out.contains("\\x1b[2J"), out);
  }

  @Test
  void anAddressThatTheLineLacksIsNotMadeUp() {
    String out = Run.of("fault", "AMD-Vi:   device=0000:01:00.0 domain=0x000a").out();
    assertTrue(
        out.contains("tried     something at an address that the line does not tell\n"), out);
  }
}
