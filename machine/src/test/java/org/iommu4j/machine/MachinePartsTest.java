package org.iommu4j.machine;

import static org.iommu4j.machine.input.TestTrees.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.iommu4j.base.Release;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.TestTrees;
import org.iommu4j.machine.pci.PciAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachinePartsTest {
  private static final String LOG =
      """
      [    0.000000] Linux version 4.19.0-old (x@y)
      [    0.000000] Command line: of=another boot
      [    0.000000] BIOS-e820: [mem 0x0000000000000000-0x00000000ffffffff] usable
      [    0.000000] Linux version 5.10.0-9-amd64 (x@y) #1 SMP
      [    0.000000] Command line: quiet intel_iommu=on
      [    0.000000] BIOS-provided physical RAM map:
      [    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable
      [    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000003fffffff] usable
      [    0.000000] BIOS-e820: [mem 0x0000000040000000-0x0000000040ffffff] ACPI NVS
      [    0.000000] BIOS-e820: [mem 0x0000000041000000-0x0000000041ffffff] reserved
      [    0.001000] e820: update [mem 0x00000000-0x00000fff] usable ==> reserved
      [    0.001000] e820: remove [mem 0x000a0000-0x000fffff] usable
      [    0.002000] e820: update [mem 0x30000000-0x30ffffff] usable ==> reserved
      [    0.003000] smpboot: Allowing 8 CPUs, 4 hotplug CPUs
      [    0.004000] Kernel command line: quiet intel_iommu=on
      [    0.005000] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap d2008c22260206 ecap f00f4a
      [    0.006000] dmar: IOMMU 1: reg_base_addr fed91000 ver 4:0 cap 1c0000c40660462 ecap 1000
      [    0.007000] software IO TLB: mapped [mem 0x10000000-0x14000000] (64MB)
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path root;

  private Path file(String name, String text) throws IOException {
    return Files.write(root.resolve(name), bytes(text));
  }

  private static List<String> missing(Machine machine) {
    return machine.missing().stream().map(MissingFact::fact).toList();
  }

  private static void assertLogFacts(Machine machine) {
    assertEquals("5.10.0-9-amd64", machine.kernel().text());
    assertEquals("quiet intel_iommu=on", machine.commandLine().text());
    assertEquals(
        List.of(
            "[mem 0x0-0xfff] Reserved",
            "[mem 0x1000-0x9fbff] System RAM",
            "[mem 0x100000-0x2fffffff] System RAM",
            "[mem 0x30000000-0x30ffffff] Reserved",
            "[mem 0x31000000-0x3fffffff] System RAM",
            "[mem 0x40000000-0x40ffffff] ACPI Non-volatile Storage",
            "[mem 0x41000000-0x41ffffff] Reserved"),
        machine.memory().ranges().stream().map(AddressRange::toString).toList());
    assertEquals(
        "[unit at 0xfed90000 version_major 0x1 version_minor 0x0 cap 0xd2008c22260206 ecap 0xf00f4a,"
            + " unit at 0xfed91000 version_major 0x4 version_minor 0x0 cap 0x1c0000c40660462 ecap"
            + " 0x1000]",
        machine.units().values().toString());
    assertEquals("4", machine.property("cpus").orElseThrow());
    assertEquals("0x10000000-0x14000000", machine.property("swiotlb").orElseThrow());
  }

  @Test
  void aLogTellsReleaseCommandLineMemoryAndUnitsOfItsLastBoot() throws IOException {
    assertLogFacts(MachineParts.of("x").dmesg(file("dmesg", LOG)).build());
  }

  @Test
  void whatPrintingToolsPutBeforeALineDoesNotMatter() throws IOException {
    for (String prefix :
        new String[] {
          "",
          "<6>[    0.000000] ",
          "[    0.000000][    T0] ",
          "[Mon Jan  2 03:04:05 2023] ",
          "kern  :info  : [    0.000000] ",
          "Jan 02 03:04:05 host kernel: ",
          "Jan  2 03:04:05 host kernel: [    0.000000] ",
          "2023-01-02T03:04:05+0100 host kernel: ",
          "> [    0.000000] ",
          "Apr 26 08:00:22.140236 "
        }) {
      String log = LOG.replaceAll("(?m)^\\[ *[0-9.]+\\] ", prefix);
      assertLogFacts(MachineParts.of("x").dmesg(file("dmesg", log)).build());
    }
  }

  @Test
  void aMapThatTheUserGaveReplacesTheFirmwares() throws IOException {
    String log =
        LOG
            + "[ 0.1] user-defined physical RAM map:\n"
            + "[ 0.1] user: [mem 0x0000000000001000-0x0000000000001fff] usable\n";
    Machine machine = MachineParts.of("x").dmesg(file("dmesg", log)).build();
    assertEquals("[[mem 0x1000-0x1fff] System RAM]", machine.memory().ranges().toString());
  }

  @Test
  void aPartCountsMoreThanTheLog() throws IOException {
    Machine machine =
        MachineParts.of("x")
            .dmesg(file("dmesg", LOG))
            .commandLine("iommu=pt")
            .release(Release.ASSUMED)
            .iomem(file("iomem", "00001000-00001fff : System RAM\n"))
            .config(Files.write(root.resolve("config.gz"), TestTrees.gzip(bytes("CONFIG_A=y\n"))))
            .build();
    assertEquals("iommu=pt", machine.commandLine().text());
    assertEquals("5.10", machine.kernel().text());
    assertEquals(1, machine.memory().ranges().size());
    assertTrue(machine.config().isEnabled("CONFIG_A"));
    assertEquals(List.of("sys/firmware/acpi/tables/DMAR", "lspci"), missing(machine));
  }

  @Test
  void noPartsAreAMachineThatSaysWhatIsMissing() {
    Machine machine = MachineParts.of("x").build();
    assertEquals(
        List.of(
            "proc/version",
            "proc/cmdline",
            "proc/iomem",
            "boot/config",
            "cpus",
            "sys/firmware/acpi/tables/DMAR",
            "lspci"),
        missing(machine));
  }

  @Test
  void portsAreMarkedWhereTheyAreGiven() throws IOException {
    PciAddress port = new PciAddress(0, 0, 0x1c, 0);
    Path lspci = file("lspci", "00:1c.0 0604: 8086:a110\n");
    Machine machine = MachineParts.of("x").lspci(lspci).externalFacing(List.of(port)).build();
    assertTrue(machine.pci().device(port).orElseThrow().facts().externalFacing());
    assertFalse(missing(machine).contains("external_facing"));
    assertTrue(missing(MachineParts.of("x").lspci(lspci).build()).contains("external_facing"));
  }

  @Test
  void aTableIsTakenFromItsBytesOrFromADump() throws IOException {
    byte[] table = bytes("DMAR\u0018\0\0\0\u0001 Tail of 24 bytes.".substring(0, 24));
    Path binary = Files.write(root.resolve("dmar.bin"), table);
    assertArrayEquals(table, dmar(binary));
    StringBuilder dump = new StringBuilder("FACP @ 0x0000000000000000\n    0000: 46 41  FA\n\n");
    dump.append("DMAR @ 0x000000007661BF80\n");
    for (int at = 0; at < table.length; at += 16) {
      StringBuilder bytes = new StringBuilder();
      StringBuilder letters = new StringBuilder();
      for (int i = at; i < Math.min(at + 16, table.length); i++) {
        bytes.append(String.format(" %02X", table[i]));
        letters.append(table[i] >= ' ' ? (char) table[i] : '.');
      }
      dump.append(String.format("    %04X:%-48s  %s\n", at, bytes, letters));
    }
    dump.append("\nAPIC @ 0x0\n    0000: 00  .\n");
    assertArrayEquals(table, dmar(file("acpidump.txt", dump.toString())));
  }

  private static byte[] dmar(Path path) {
    Machine machine = MachineParts.of("x").dmar(path).build();
    return machine.firmwareTable("DMAR").orElseThrow().bytes();
  }

  @Test
  void badPartsAreNamed() throws IOException {
    Path path = file("bad", "nonsense\n");
    MachineParts parts = MachineParts.of("x");
    assertThrows(BadInputException.class, () -> parts.lspci(path));
    assertThrows(BadInputException.class, () -> parts.dmar(path));
    assertThrows(BadInputException.class, () -> parts.config(path));
    assertThrows(BadInputException.class, () -> parts.iomem(path));
    assertThrows(BadInputException.class, () -> parts.dmesg(root.resolve("none")));
    var directory = assertThrows(BadInputException.class, () -> parts.dmesg(root));
    assertTrue(directory.getMessage().contains("it is a directory"), directory.getMessage());
    Path binary = Files.write(root.resolve("binary"), new byte[] {'D', 0, 'M'});
    var zero = assertThrows(BadInputException.class, () -> parts.dmesg(binary));
    assertEquals("offset 0x1", zero.place());
    Path dump = file("dump", "DMAR @ 0x0\n    0000: 44 4D\n    0010: 41\n");
    var e = assertThrows(BadInputException.class, () -> parts.dmar(dump));
    assertEquals("line 3", e.place());
    Path log = file("log", "Linux version 5.10\nBIOS-e820: [mem 0x2000-0x1000] usable\n");
    assertEquals("line 2", assertThrows(BadInputException.class, () -> parts.dmesg(log)).place());
  }

  @Property(tries = 300)
  void anyLogIsReadOrRefused(@ForAll @Size(max = 80) byte[] noise, @ForAll int place) {
    int at = Math.floorMod(place, LOG.length());
    String added = new String(noise, StandardCharsets.ISO_8859_1);
    try {
      BootLog log = BootLog.parse("dmesg", LOG.substring(0, at) + added + LOG.substring(at));
      assertTrue(log.memory().isPresent());
    } catch (BadInputException e) {
      assertEquals("dmesg", e.file());
    }
  }
}
