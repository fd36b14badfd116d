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

/** Scripts of DMA calls, compared and printed. */
final class ReplayCommandTest {
  private static final String LAPTOP = Run.machine("laptop-thunderbolt");
  private static final String DEVICE =
      "dev 0000:00:1f.2 -> ops=intel_dma_ops domain=3 group=2 untrusted=0 mask=0xffffffff"
          + " cmask=0xffffffff\n";
  private static final String PAGE = "page 1 0 -> phys=0x10000000\n";
  private static final String MAP = "map 1 1 0x80 256 to -> dma=0xfffff080 phys=0x10000080\n";
  private static final String XLATE = "xlate 0xfffff080 -> phys=0x10000080\n";

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path root;

  private Run replay(String script, String... options) throws IOException {
    Path file = Files.writeString(root.resolve("script"), script);
    String[] args = new String[options.length + 3];
    args[0] = LAPTOP;
    args[1] = "--transcript";
    args[2] = file.toString();
    System.arraycopy(options, 0, args, 3, options.length);
    return Run.of(ObjectArrays.concat("replay", args));
  }

  @Test
  void whatIsAsRecordedIsOneLine() throws IOException {
    Run run = replay(DEVICE + PAGE + MAP + XLATE);
    assertEquals(ExitCodes.OK, run.exitCode(), run.out());
    assertEquals("4 of 4 lines exact\n", run.out());
  }

  @Test
  void aDifferenceIsShownBelowThreeCommands() throws IOException {
    Run run =
        replay("cpu 0 -> ret=0 now=0\n" + DEVICE + PAGE + MAP + XLATE.replace("80\n", "81\n"));
    assertEquals(ExitCodes.DIFFERENT, run.exitCode());
    assertEquals(
        "line 5:\n    "
            + DEVICE
            + "    "
            + PAGE
            + "    "
            + MAP
            + "  - xlate 0xfffff080 -> phys=0x10000081\n"
            + "  + xlate 0xfffff080 -> phys=0x10000080\n"
            + "4 of 5 lines exact\n",
        run.out());
  }

  @Test
  void printedFaultsAreOfTheTranscriptAndOtherWordsAreNot() throws IOException {
    String map = "map 1 1 0 0x7fffffffff to";
    Run run = replay("dev 0000:03:00.0\n" + PAGE + map + "\nedu w 0x1000 64\n", "--print");
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    assertEquals(
        PAGE
            + map
            + " -> error=mapping\n# device 0x1000\nedu w 0x1000 64 -> done\n"
            + "# DMAR: DRHD: handling fault status reg 2\n"
            + "# DMAR: [DMA Write] Request device [03:00.0] PASID ffffffff fault addr 1000"
            + " [fault reason 05] PTE Write access is not set\n",
        run.out().substring(run.out().indexOf("page")));
    assertTrue(run.err().startsWith("# pci 0000:03:00.0: "), run.err());
    assertFalse(run.err().contains("fault"), run.err());
  }

  @Test
  void aDomainThatWasDeletedIsGone() throws IOException {
    Run run = replay("dev 0000:00:1f.2\ndnew 1\nddel 1\ndxlate 1 0x1000\n", "--print");
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    assertTrue(run.out().endsWith("dxlate 1 0x1000 -> error=nodomain\n"), run.out());
  }

  @Test
  void aBlockThatNoMemoryIsFoundForIsAnError() throws IOException {
    Run run = replay("dev 0000:00:1f.2\npool 1 a 8388608 64 0\npalloc 5 1\n", "--print");
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    assertTrue(run.out().endsWith("palloc 5 1 -> error=nomem\n"), run.out());
  }
}
