package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ObjectArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and numbers that cannot be what they should be: one line, and exit code 2. */
final class BadInputTest {
  private static final String LAPTOP = Run.machine("laptop-thunderbolt");
  private static final String SERVER = Run.machine("server-switch");
  private static final String FAULT =
      "DMAR: [DMA Write] Request device [00:1f.2] PASID ffffffff fault addr fffff000 [fault reason"
          + " 05] PTE Write access is not set";

  @Test
  void numbersThatTheInputDoesNotHaveAreBad(@TempDir Path directory) throws IOException {
    Path path = Files.writeString(directory.resolve("script"), "dev 0000:03:00.0\n");
    String script = path.toString();
    String[] replay = {"replay", SERVER, "--transcript", script, "--first-cpu"};
    for (String cpu : new String[] {"-1", "1"}) {
      Run.assertBad("--first-cpu is 0 to 0 here, not " + cpu, ObjectArrays.concat(replay, cpu));
    }
    assertEquals(ExitCodes.DIFFERENT, Run.of(ObjectArrays.concat(replay, "0")).exitCode());
    String[] walk = {"walk", SERVER, "--device", "03:00.0", "--iova", "1", "--transcript", script};
    String until = "--until is the number of a line, not 0";
    Run.assertBad(until, ObjectArrays.concat(walk, new String[] {"--until", "0"}, String.class));
  }

  @Test
  void filesThatCannotBeAreSaidSoWithoutWordsOfJava(@TempDir Path directory) throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    Run.assertBad(": a log has lines: it is empty", "explain", "--dmesg", empty.toString());
    Run.assertBad(
        "line 1: a dump holds at least",
        "walk",
        "--iova",
        "1",
        "--memory",
        empty.toString(),
        "--table",
        "0x1000");
    String out = directory.resolve("none/out.tar.gz").toString();
    Run.assertBad(
        "out.tar.gz, offset 0x0: the archive can be written: there is no such file",
        "capture",
        out);
    for (String command : new String[] {"explain", "verify", "assign", "fault"}) {
      String[] args = {command, "no\0name", "00:1f.2"};
      Run.assertBad(
          "'no\\x00name' cannot be the name of a file here: Nul character",
          command.equals("assign")
              ? args
              : command.equals("fault")
                  ? new String[] {command, FAULT, args[1]}
                  : new String[] {command, args[1]});
    }
    byte[] whole = Files.readAllBytes(Path.of(LAPTOP));
    whole[2000] ^= 0x55;
    Path broken = Files.write(directory.resolve("broken.tar.gz"), whole);
    Run.assertBad("broken.tar.gz, offset 0x", "explain", broken.toString());
  }

  @Test
  void portsAreOfAListing() {
    Run.assertBad("--external goes with --lspci", "explain", "--external", "00:1f.2");
  }

  @Test
  void aBadFileOfACaptureIsNamedWithTheCapture(@TempDir Path directory) throws IOException {
    Path capture = Captures.unpack(LAPTOP, directory);
    Path script = Files.createDirectories(capture.resolve("lockstep")).resolve("transcript");
    Files.writeString(script, "dev 1\n");
    Run.assertBad(script + ", line 1: a device is", "replay", capture.toString());
    Path group = capture.resolve("sys/kernel/iommu_groups/x");
    Files.createDirectories(group);
    assertTrue(Run.of("verify", capture.toString()).err().startsWith("iommu4j: " + group + ", "));
    Path table = capture.resolve("sys/firmware/acpi/tables/DMAR");
    Files.writeString(table, "short");
    Run.assertBad(table + ", offset 0x5: an ACPI table has", "explain", capture.toString());
    Path line = capture.resolve("proc/cmdline");
    Files.writeString(line, "i\0n\0t\0e\0l\0");
    Run.assertBad(line + ", offset 0x1: a command line is text", "explain", capture.toString());
    Files.delete(line);
    Files.createSymbolicLink(line, Path.of("cmdline"));
    Run.assertBad(
        line + ", offset 0x0: a chain of symbolic links ends", "explain", capture.toString());
  }

  @Test
  void aDirectoryInPlaceOfATableIsNoTableAndSaidSo(@TempDir Path directory) throws IOException {
    Path capture = Captures.unpack(LAPTOP, directory);
    Path table = capture.resolve("sys/firmware/acpi/tables/DMAR");
    Files.delete(table);
    Files.createDirectory(table);
    Run run = Run.of("explain", capture.toString());
    assertTrue(run.out().contains("DMAR: it is no regular file; no Intel"), run.out());
  }

  @Test
  void aMachineWithoutMemoryForTheTablesIsTooSmall(@TempDir Path directory) throws IOException {
    Path capture = Captures.unpack(LAPTOP, directory);
    Files.writeString(capture.resolve("proc/iomem"), "00001000-00002fff : System RAM\n");
    String rule = "the machine's memory (proc/iomem) is too small for a table of dmar0";
    Run.assertBad(rule, "path", capture.toString(), "00:1f.2");
    Files.writeString(capture.resolve("proc/iomem"), "00001000-00101fff : System RAM\n");
    Run.assertBad(
        "too small for a buffer of 1024 pages",
        "path",
        capture.toString(),
        "00:1f.2",
        "--size",
        "4194304");
  }
}
