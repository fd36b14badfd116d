package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ObjectArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How an address is translated: on machines and in dumps. */
final class WalkCommandTest {
  private static final String LAPTOP = Run.machine("laptop-thunderbolt");
  private static final String SCRIPT =
      """
      dev 0000:00:1f.2
      page 1 0 -> phys=0x10000000
      map 1 1 0x80 256 to
      unmap 1
      """;
  private static final String DUMP =
      """
      1000: 0x2001 0x0
      2280: 0x3001 0x501
      3018: 0x4003
      4ff8: 0x5003
      5bd8: 0x185e5001
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path root;

  private String file(String name, String text) throws IOException {
    return Files.writeString(root.resolve(name), text).toString();
  }

  private static Run walk(String... args) {
    return Run.narrow("walk", args);
  }

  @Test
  void aMappingIsWalkedToItsPageAndItsRights() throws IOException {
    String script = file("script", SCRIPT);
    Run run =
        walk(
            LAPTOP,
            "--device",
            "00:1f.2",
            "--iova",
            "0xfffff080",
            "--transcript",
            script,
            "--until",
            "3");
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    assertTrue(run.out().contains("root entry of bus 00, at 0x"), run.out());
    assertTrue(run.out().contains("  leads to 4 KiB page at 0x10000000\n"), run.out());
    assertTrue(
        run.out()
            .endsWith(
                """
                read          0x10000080, 4 KiB page
                write         fault 0x05: a write request, and write permission (W) is clear in a \
                second-level entry
                """),
        run.out());
  }

  @Test
  void afterTheWholeScriptNothingIsMapped() throws IOException {
    Run run =
        walk(
            LAPTOP,
            "--device",
            "00:1f.2",
            "--iova",
            "0xfffff080",
            "--transcript",
            file("script", SCRIPT));
    assertTrue(run.out().contains("leads to nowhere: neither R nor W is set\n"), run.out());
    assertTrue(run.out().contains("write         fault 0x05: "), run.out());
  }

  @Test
  void aDevicePassedThroughIsPlainlySaidToBe() {
    Run run =
        walk(
            LAPTOP,
            "--device",
            "00:1f.2",
            "--iova",
            "0x1234567",
            "--cmdline",
            "intel_iommu=on iommu=pt");
    assertTrue(run.out().contains("TT=2 (pass through)"), run.out());
    assertTrue(run.out().endsWith("write         0x1234567, passed through\n"), run.out());
  }

  @Test
  void addressesHaveAllBitsInDecimalToo() {
    Run run = walk(LAPTOP, "--device", "00:1f.2", "--iova", "18446744073709551615");
    assertTrue(run.out().contains("address       0xffffffffffffffff\n"), run.out());
  }

  @Test
  void aScriptBeginsOnTheCpuThatReplayGuesses() {
    String capture = "../tests/conformance/src/test/resources/lockstep/5.10/remap-cpus.tar.gz";
    String[] mapped = {
      "--device", "00:05.0", "--iova", "0xfffdb000", "--recorded", "--until", "40"
    };
    Run run = Run.of(ObjectArrays.concat(new String[] {"walk", capture}, mapped, String.class));
    assertTrue(run.out().contains("read          0x22c5000, 4 KiB page\n"), run.out());
  }

  @Test
  void withoutAnIommuThatIsSaid() {
    Run run = walk(LAPTOP, "--device", "00:1f.2", "--iova", "4096", "--cmdline", "intel_iommu=off");
    assertTrue(
        run.out()
            .endsWith(
                """
                note          no IOMMU stands between the device and memory
                read          0x1000, not translated
                write         0x1000, not translated
                """),
        run.out());
  }

  @Test
  void aDumpIsWalkedFromItsRoot() throws IOException {
    String dump = file("dump", DUMP);
    Run run =
        walk("--memory", dump, "--root", "0x1000", "--device", "00:05.0", "--iova", "0xfff7b123");
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    assertTrue(run.out().startsWith("memory        " + dump + "\n"), run.out());
    assertTrue(run.out().contains("AW=1 (3 levels, 39 bits) AVAIL=0 DID=5"), run.out());
    assertTrue(run.out().contains("read          0x185e5123, 4 KiB page\n"), run.out());
    assertTrue(run.out().contains("write         fault 0x05: "), run.out());
  }

  @Test
  void aDumpedTableAloneIsWalkedToo() throws IOException {
    Run run =
        walk(
            "--memory",
            file("dump", DUMP),
            "--table",
            "0x3000",
            "--levels",
            "3",
            "--iova",
            "0xfff7b123");
    assertTrue(run.out().contains("read          0x185e5123, 4 KiB page\n"), run.out());
  }

  @Test
  void whatTheDumpLacksIsNamedAndNotGuessed() throws IOException {
    Run run =
        walk(
            "--memory",
            file("dump", DUMP),
            "--root",
            "0x1000",
            "--device",
            "00:05.0",
            "--iova",
            "0xfff7a123");
    assertEquals(ExitCodes.OK, run.exitCode());
    assertTrue(
        run.out()
            .endsWith(
                "write         unknown: the dump does not hold the 8 bytes at 0x5bd0, level 1 entry"
                    + " 0x17a\n"),
        run.out());
    assertTrue(run.out().contains("level 2 entry"), run.out());
    assertFalse(run.out().contains("level 1 entry 0x17a, at"), run.out());
  }

  @Test
  void jsonHasTheSame() throws IOException {
    Run run =
        walk(
            "--memory",
            file("dump", DUMP),
            "--root",
            "0x1000",
            "--device",
            "00:05.0",
            "--iova",
            "0xfff7b123",
            "--format",
            "json");
    assertTrue(run.out().contains("\"bits\": \"0x185e5001\""), run.out());
    assertTrue(run.out().contains("\"faultReason\": \"0x5\""), run.out());
    assertTrue(run.out().contains("\"phys\": \"0x185e5123\""), run.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "../machines/server-switch.tar.gz --device 00:01.0 | --iova",
        "../machines/server-switch.tar.gz --iova 0x1000 | --device",
        "../machines/server-switch.tar.gz --iova x --device 00:01.0 | --iova",
        "../machines/server-switch.tar.gz --iova 1 --device 1:2:3 | 1:2:3",
        "../machines/server-switch.tar.gz --iova 1 --device 7f:01.0 | 0000:7f:01.0",
        "../machines/server-switch.tar.gz --iova 1 --device 00:01.0 --root 0 | --memory",
        "../machines/server-switch.tar.gz --iova 1 --device 00:01.0 --until 3 | --until",
        "../machines/server-switch.tar.gz --iova 1 --device 00:01.0 --recorded | transcript",
        "--memory ../LICENSE --iova 1 --root 0 --device 00:01.0 | LICENSE",
        "--memory no-such --iova 1 --root 0 --device 00:01.0 | no-such",
        "--memory ../LICENSE --iova 1 | --root",
        "--memory ../LICENSE --iova 1 --root 0 | --device",
        "--memory ../LICENSE --iova 1 --table 0 --levels 6 | --levels",
        "--memory ../LICENSE --iova 1 --table 12 | --table",
        "../machines/server-switch.tar.gz --memory ../LICENSE --iova 1 --table 0 | without",
      })
  void badInputIsOneLineAndTwo(String args, String named) {
    Run run = walk(args.split(" "));
    assertEquals(ExitCodes.BAD_INPUT, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(named), run.err());
    assertEquals("", run.out());
  }
}
