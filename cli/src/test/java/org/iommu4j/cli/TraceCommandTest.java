package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces of real drivers, as a user has them. */
final class TraceCommandTest {
  private static final String LAPTOP = Run.machine("laptop-thunderbolt");
  private static final String MAP =
      "            foo-12       [000] ....     1.000001: map_single: dev=0000:00:1f.2"
          + " dev_addr=0xfffff000 phys_addr=0x10000000 size=4096\n";
  private static final String UNMAP =
      "            foo-12       [000] ....     1.000002: unmap_single: dev=0000:00:1f.2"
          + " dev_addr=0xfffff000 size=4096\n";

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path root;

  private String file(String name, String text) throws IOException {
    return Files.writeString(root.resolve(name), text).toString();
  }

  private static Run trace(String... args) {
    return Run.narrow("trace", args);
  }

  @Test
  void aTraceOfItsOwnNeedsAMachine() throws IOException {
    Run run = trace("--machine", LAPTOP, file("trace", MAP + UNMAP));
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    assertTrue(run.out().contains("not compared  1: an unmapping has no answer\n"), run.out());
    assertTrue(run.out().contains("not told      directions"), run.out());
    assertTrue(run.out().endsWith("1 of 1 events exact\n"), run.out());
    Run without = trace(file("trace", MAP));
    assertEquals(ExitCodes.BAD_INPUT, without.exitCode());
    assertTrue(without.err().contains("--machine"), without.err());
  }

  @Test
  void nothingToCompareIsNoSuccess() throws IOException {
    Run run = trace("--machine", LAPTOP, file("trace", "# tracer: nop\n#\n"));
    assertEquals(ExitCodes.BAD_INPUT, run.exitCode());
    assertTrue(run.err().endsWith("a trace has events of mappings: none\n"), run.err());
    Run replay = Run.of("replay", LAPTOP, "--transcript", file("transcript", "\n"));
    assertEquals(ExitCodes.BAD_INPUT, replay.exitCode());
    assertTrue(replay.err().endsWith("a transcript has commands: none\n"), replay.err());
  }

  @Test
  void aTraceWithinACaptureHasItsMachineAroundIt() throws IOException {
    Path capture = Captures.unpack(LAPTOP, Files.createDirectory(root.resolve("capture")));
    Path trace = Files.writeString(capture.resolve("trace"), MAP);
    assertEquals(ExitCodes.OK, trace(trace.toString()).exitCode());
    Run run = trace(capture.toString(), trace.toString());
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    assertTrue(run.out().endsWith("2 traces: 2 exact, 0 different\n"), run.out());
  }

  @Test
  void aDifferenceIsShownInItsContextAndIsOne() throws IOException {
    Run run =
        trace(
            "--machine", LAPTOP, file("trace", MAP + UNMAP + MAP.replace("fffff000", "ffff0000")));
    assertEquals(ExitCodes.DIFFERENT, run.exitCode());
    assertTrue(
        run.out()
            .endsWith(
                """
                line 3:
                    map_single: dev=0000:00:1f.2 dev_addr=0xfffff000 phys_addr=0x10000000 size=4096
                    unmap_single: dev=0000:00:1f.2 dev_addr=0xfffff000 size=4096
                  - map_single: dev=0000:00:1f.2 dev_addr=0xffff0000 phys_addr=0x10000000 size=4096
                  + map_single: dev=0000:00:1f.2 dev_addr=0xffffe000 phys_addr=0x10000000 size=4096
                1 of 2 events exact
                """),
        run.out());
  }

  @Test
  void aListThatDiffersIsShownOnce() throws IOException {
    String piece =
        MAP.replace("map_single", "map_sg").replace("size=4096", "size=4096 ").stripTrailing();
    String first = piece.replace(" dev_addr=0xfffff000", " [1/2] dev_addr=0xffff0000") + "\n";
    String second =
        piece
                .replace(" dev_addr=0xfffff000", " [2/2] dev_addr=0xffff1000")
                .replace("0x10000000", "0x10002000")
            + "\n";
    Run run = trace("--machine", LAPTOP, file("trace", first + second));
    assertEquals(ExitCodes.DIFFERENT, run.exitCode(), run.err());
    assertTrue(run.out().contains("line 1:\n"), run.out());
    assertFalse(run.out().contains("line 2:\n"), run.out());
    assertTrue(
        run.out().endsWith("... and 1 more events differ\n0 of 2 events exact\n"), run.out());
  }

  @Test
  void whereNothingIsRemappedNoEventIsExpected() throws IOException {
    Run run = trace("--machine", LAPTOP, "--cmdline", "intel_iommu=off", file("trace", MAP));
    assertEquals(ExitCodes.DIFFERENT, run.exitCode());
    assertTrue(run.out().contains("  + (no event: the device is mapped directly)\n"), run.out());
  }

  @Test
  void whatTheModelHasNotMappedItCannotUnmapEither() throws IOException {
    String list = MAP.replace("map_single", "map_sg").replace(" dev_addr", " [1/1] dev_addr");
    for (String mapped : new String[] {MAP, list}) {
      String text = mapped + UNMAP + UNMAP;
      Run run = trace("--machine", LAPTOP, "--cmdline", "intel_iommu=off", file("trace", text));
      assertTrue(run.out().contains("1: unmaps what the model has not mapped\n"), run.out());
      assertTrue(
          run.out().contains("1: unmaps what the trace does not show being mapped\n"), run.out());
    }
  }

  @Test
  void aMaskThatNoDriverCanHaveSetIsBadInput() throws IOException {
    Path capture = Captures.unpack(LAPTOP, Files.createDirectory(root.resolve("capture")));
    Files.writeString(capture.resolve("trace"), MAP);
    Path mask = capture.resolve("sys/bus/pci/devices/0000:00:1f.2/dma_mask_bits");
    Files.writeString(mask, "5\n");
    Run narrow = trace(capture.toString());
    assertEquals(ExitCodes.BAD_INPUT, narrow.exitCode());
    assertEquals(
        "iommu4j: "
            + mask
            + ", line 1: a driver's mask is one that the kernel takes:"
            + " dma_set_mask returns -5\n",
        narrow.err());
    Files.writeString(mask, "65\n");
    Run wide = trace(capture.toString());
    assertEquals(ExitCodes.BAD_INPUT, wide.exitCode());
    assertEquals("iommu4j: " + mask + ", line 1: a mask has 1 to 64 bits: 65\n", wide.err());
  }

  @Test
  void whatCannotBeComparedIsCountedAndNamed() throws IOException {
    String text =
        "CPU:0 [LOST 3 EVENTS]\n"
            + MAP
            + MAP.replace("1f.2", "1e.7")
            + "            foo-12       [000] ....     1.000004: sched_switch: x\n"
            + "            foo-12       [000] ....     1.000005: map: IOMMU:"
            + " iova=0x0000000000001000 paddr=0x0000000000002000 size=4096\n";
    Run run = trace("--machine", LAPTOP, file("trace", text));
    assertTrue(run.out().contains("1: names no domain\n"), run.out());
    assertTrue(run.out().contains("1: the machine has no such PCI function\n"), run.out());
    assertTrue(run.out().contains("other events  sched_switch (1)\n"), run.out());
    assertTrue(run.out().contains("lost          3 events by the kernel"), run.out());
    assertTrue(run.out().endsWith("1 of 1 events exact\n"), run.out());
  }

  @Test
  void badTracesAreOneLineEachAndTwo() throws IOException {
    String cpu = file("cpu", MAP.replace("[000]", "[777]"));
    Run run =
        trace("--machine", LAPTOP, "no-such", file("bad", "\u0001\u0002\u0003"), cpu, "../LICENSE");
    assertEquals(ExitCodes.BAD_INPUT, run.exitCode());
    assertEquals(4, run.err().lines().count(), run.err());
    assertTrue(run.err().contains("cpu, line 1: a trace's CPUs are the machine's"), run.err());
    assertTrue(run.out().endsWith("4 traces: 0 exact, 0 different, 4 not readable\n"), run.out());
    Run absent = trace(LAPTOP);
    assertEquals(ExitCodes.BAD_INPUT, absent.exitCode());
    assertTrue(absent.err().contains("a capture to trace has a trace"), absent.err());
  }
}
