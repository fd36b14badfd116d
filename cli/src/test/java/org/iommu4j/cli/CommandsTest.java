package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.iommu4j.cli.Console.Terminals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit codes, messages and results of the commands. */
final class CommandsTest {
  private static final String LAPTOP = Run.machine("laptop-thunderbolt");
  private static final String DESKTOP = Run.machine("desktop-usb-rmrr");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bogus | 'bogus'",
        "explain --fromat json | '--fromat'",
        "explain --format yaml | yaml",
        "explain no-such-machine | no-such-machine",
        "explain ../pom.xml | pom.xml",
        "explain --device 1:2:3 ../machines/server-switch.tar.gz | 1:2:3",
        "explain --device 00:09.0 ../machines/server-switch.tar.gz | 0000:00:09.0",
        "explain --dmar x ../machines/server-switch.tar.gz | not as both",
        "explain --lspci ../pom.xml | pom.xml",
        "verify | MACHINE",
        "verify no-such-machine | no-such-machine",
        "dmar ../pom.xml | pom.xml",
        "diff ../machines/server-switch.tar.gz | --cmdline",
        "cmdline | LINE",
        "cmdline iommu=pt --config ../LICENSE | LICENSE",
        "capture out.zip | .tar.gz",
        "path | MACHINE",
        "path ../machines/server-switch.tar.gz | BDF",
        "path ../machines/server-switch.tar.gz 1:2:3 | 1:2:3",
        "path ../machines/server-switch.tar.gz 00:09.0 | 0000:00:09.0",
        "path ../machines/server-switch.tar.gz 03:00.0 --kernel 6.2 | 6.2 is not mirrored; 5.10, 6.1 and",
        "path ../machines/server-switch.tar.gz 03:00.0 --size 0 | --size",
        "path ../machines/server-switch.tar.gz 03:00.0 --size 4194305 | 4194304",
        "path ../machines/server-switch.tar.gz 03:00.0 --offset -1 | --offset",
        "path ../machines/server-switch.tar.gz 03:00.0 --mask 65 | --mask",
        "path ../machines/server-switch.tar.gz 03:00.0 --direction up | up",
      })
  void badInputIsOneLineAndTwo(String args, String named) {
    Run.assertBad(named, args.split(" "));
  }

  @Test
  void noRemarkActsOrIsLong() {
    String name = "\u001b[31m" + "x".repeat(5000);
    Run run = Run.of("explain", name);
    assertFalse(run.err().contains("\u001b"), run.err());
    assertTrue(run.err().startsWith("iommu4j: \\x1b[31mxxx"), run.err());
    assertTrue(run.err().length() < 1100, run.err());
  }

  @Test
  void noCommandIsBadInput() {
    assertEquals(ExitCodes.BAD_INPUT, Run.of().exitCode());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "explain --help",
        "verify --help",
        "diff --help",
        "cmdline --help",
        "dmar --help",
        "capture --help",
        "walk --help",
        "trace --help",
        "groups --help",
        "assign --help",
        "fault --help",
        "path --help",
        "generate-completion --help"
      })
  void everyCommandHelps(String args) {
    Run run = Run.of(args.split(" "));
    assertEquals(ExitCodes.OK, run.exitCode());
    assertTrue(run.out().startsWith("Usage: iommu4j"), run.out());
  }

  @Test
  void theVersionNamesTheMirroredKernel() {
    assertTrue(
        Run.of("--version")
            .out()
            .matches("iommu4j \\d.*, mirrors Linux 5\\.10, 6\\.1 and 6\\.12\n"));
  }

  @Test
  void completionIsAScript() {
    assertTrue(Run.of("generate-completion").out().contains("complete -F _complete_iommu4j"));
  }

  @Test
  void verifyOfARightPredictionIsZero() {
    Run run = Run.of("verify", LAPTOP, DESKTOP);
    assertEquals(ExitCodes.OK, run.exitCode());
    assertEquals("2 machines: 2 as recorded, 0 different", run.lines().get(2));
  }

  @Test
  void verifyTellsDifferencesInContext(@TempDir Path directory) throws IOException {
    Path capture = Captures.unpack(LAPTOP, directory);
    Path ops = capture.resolve("lockstep/ops");
    Files.writeString(ops, Files.readString(ops).replace("bounce_dma_ops", "intel_dma_ops"));
    Path log = capture.resolve("var/log/dmesg");
    Files.writeString(log, Files.readString(log).replace("No RMRR found", "An RMRR found"));
    Path type = capture.resolve("sys/kernel/iommu_groups/2/type");
    Files.writeString(type, "identity\n");
    Run run = Run.of("verify", capture.toString(), LAPTOP);
    assertEquals(ExitCodes.DIFFERENT, run.exitCode());
    String out = run.out();
    assertTrue(out.contains("    ops       predicted bounce_dma_ops, recorded intel_dma_ops"), out);
    assertTrue(out.contains("    type      predicted DMA, recorded identity"), out);
    assertTrue(out.contains("    - DMAR: No RMRR found\n    + DMAR: An RMRR found\n"), out);
    assertTrue(out.contains("      DMAR: No ATSR found\n"), out);
    assertTrue(out.endsWith("2 machines: 1 as recorded, 1 different\n"), out);
  }

  @Test
  void verifyGoesOnAfterABadMachine() {
    Run run = Run.of("verify", "no-such-machine", LAPTOP);
    assertEquals(ExitCodes.BAD_INPUT, run.exitCode());
    assertTrue(run.out().endsWith("2 machines: 1 as recorded, 0 different, 1 not readable\n"));
  }

  @Test
  void verifyNeedsAnswers(@TempDir Path directory) throws IOException {
    Files.createDirectories(directory.resolve("proc"));
    Files.writeString(directory.resolve("proc/cmdline"), "quiet\n");
    Run run = Run.of("verify", directory.toString());
    assertEquals(ExitCodes.BAD_INPUT, run.exitCode());
    assertTrue(run.err().contains("it holds none"), run.err());
  }

  @Test
  void diffTellsWhatChangesAndWhy() {
    Run run = Run.of("diff", LAPTOP, "--cmdline", "intel_iommu=on", "--cmdline", "intel_iommu=off");
    assertEquals(ExitCodes.OK, run.exitCode());
    assertTrue(run.out().contains("  ops      bounce_dma_ops -> direct\n"), run.out());
    assertTrue(run.out().contains("  why  dma-ops: not asked any more\n"), run.out());
    assertTrue(run.out().endsWith("10 devices change, 0 stay as they are.\n"), run.out());
  }

  @Test
  void diffOfOneCommandLineIsAgainstTheRecordedOne() {
    Run run = Run.of("diff", LAPTOP, "--cmdline", "intel_iommu=on quiet");
    assertTrue(run.out().startsWith("A  intel_iommu=on\nB  intel_iommu=on quiet\n"), run.out());
    assertTrue(run.out().endsWith("Nothing changes.\n"), run.out());
  }

  @Test
  void cmdlineJudgesEveryWord() {
    Run run = Run.of("cmdline", "intel_iommu=on quiet iommu=pt iommu=nopt");
    assertEquals(ExitCodes.OK, run.exitCode());
    assertTrue(run.out().contains("iommu=pt        overridden     by iommu=nopt"), run.out());
    assertTrue(
        Run.of("cmdline", "--format", "json", "iommu=pt")
            .out()
            .contains("\"verdict\": \"honoured\""));
  }

  @Test
  void dmarPrintsATableAndItsDevices() {
    Run run = Run.of("dmar", DESKTOP);
    assertEquals(ExitCodes.OK, run.exitCode());
    assertTrue(run.out().contains("RMRR"), run.out());
    assertTrue(run.out().contains("0000:00:1d.7 USB controller"), run.out());
    assertTrue(Run.of("dmar", "--format", "json", DESKTOP).out().startsWith("{"));
  }

  @Test
  void everyNameOfAnArchiveIsThatOfAMachine(@TempDir Path directory) throws IOException {
    Path archive = Files.copy(Path.of(DESKTOP), directory.resolve("desktop.tgz"));
    Run run = Run.of("dmar", archive.toString());
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    assertTrue(run.out().contains("0000:00:1d.7 USB controller"), run.out());
  }

  @Test
  void captureWritesWhatExplainReads(@TempDir Path directory) {
    Path file = directory.resolve("host.tar.gz");
    assertEquals(ExitCodes.OK, Run.of("capture", file.toString()).exitCode());
    assertEquals(ExitCodes.OK, Run.of("explain", file.toString()).exitCode());
    assertEquals(ExitCodes.BAD_INPUT, Run.of("capture", file.toString()).exitCode());
  }

  @Test
  void aDefectIsOneLineAndSeventy() {
    StringWriter err = new StringWriter();
    Console console =
        new Console(new PrintWriter(new StringWriter()), new PrintWriter(err), Terminals.NONE);
    int code = new Failures(console).handle(new IllegalStateException("a\nb"));
    assertEquals(ExitCodes.INTERNAL_ERROR, code);
    assertEquals(1, err.toString().lines().count());
    assertTrue(err.toString().startsWith("iommu4j: internal error: IllegalStateException: a; b"));
  }

  @Test
  void aBrokenInvariantIsOneLineAndSeventy() {
    Writer broken =
        new Writer() {
          @Override
          public void write(char[] buffer, int offset, int length) {
            throw new AssertionError("two slots are one");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    StringWriter err = new StringWriter();
    Console console = new Console(new PrintWriter(broken), new PrintWriter(err), Terminals.NONE);
    assertEquals(ExitCodes.INTERNAL_ERROR, Main.run(console, "cmdline", "iommu=pt"));
    assertTrue(err.toString().contains("AssertionError: two slots are one"), err.toString());
    assertEquals(1, err.toString().lines().count(), err.toString());
  }

  @Test
  void whatTakesMoreThanTheHeapIsBadInput() {
    StringWriter err = new StringWriter();
    Console console =
        new Console(new PrintWriter(new StringWriter()), new PrintWriter(err), Terminals.NONE);
    Failures failures = new Failures(console);
    assertEquals(ExitCodes.BAD_INPUT, failures.handle(new OutOfMemoryError("Java heap space")));
    assertTrue(err.toString().contains("more than Java's heap of"), err.toString());
    assertEquals(1, err.toString().lines().count(), err.toString());
  }
}
