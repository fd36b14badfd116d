package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an upgrade changes on a machine, why, and with which release it came. */
final class DiffKernelsTest {
  private static final String LAPTOP = Run.machine("laptop-thunderbolt");

  private static Run upgrade(String... more) {
    String[] args = new String[more.length + 5];
    args[0] = LAPTOP;
    args[1] = "--kernel";
    args[2] = "5.10";
    args[3] = "--kernel";
    args[4] = "6.12";
    System.arraycopy(more, 0, args, 5, more.length);
    Run run = Run.narrow("diff", args);
    assertEquals(ExitCodes.OK, run.exitCode(), run.err());
    return run;
  }

  @Test
  void bothSidesAreNamed() {
    Run run = upgrade();
    assertTrue(
        run.out().startsWith("A  Linux 5.10: intel_iommu=on\nB  Linux 6.12: intel_iommu=on\n"),
        run.out());
    assertEquals("", run.err());
  }

  @Test
  void aDevicesChangesComeWithTheReleaseThatBroughtThem() {
    String out = upgrade().out();
    assertTrue(
        out.contains("  ops      intel_dma_ops -> iommu_dma_ops (6.1) -> dma-iommu (6.12)\n"), out);
    assertTrue(out.contains("  domain   DMA -> DMA-FQ (6.1)\n"), out);
    assertTrue(out.contains("  trust    untrusted -> trusted (6.1)\n"), out);
  }

  @Test
  void aDevicesLimitsAreCompared() {
    assertTrue(
        upgrade()
            .out()
            .contains("  merged   no list entries -> list entries at multiples of 4 KiB (6.1)\n"));
  }

  @Test
  void theRuleThatDecidedOtherwiseIsNamed() {
    String out = upgrade().out();
    assertTrue(out.contains("  why  default-domain-type: DMA-FQ (6.1)\n"), out);
    assertTrue(out.contains("drivers/iommu/iommu.c:iommu_get_default_domain_type\n"), out);
  }

  @Test
  void linesOfTheLogAreComparedButNotTheBlanksAtTheirEnds() {
    String out = upgrade().out();
    assertTrue(out.contains("The kernel's log\n"), out);
    assertTrue(out.contains("  + DMAR: No SATC found (6.1)\n"), out);
    assertFalse(out.contains("Default domain type"), out);
  }

  @Test
  void groupsAreComparedByTheirMembers() {
    Run run =
        Run.narrow(
            "diff",
            Run.machine("server-switch"),
            "--cmdline",
            "intel_iommu=on",
            "--cmdline",
            "intel_iommu=on pci=disable_acs_redir=pci:0:0");
    assertTrue(run.out().contains("Groups\n  - ["), run.out());
    assertFalse(upgrade().out().contains("Groups\n"));
  }

  @Test
  void theWayBackIsTheSameTheOtherWayRound() {
    Run run = Run.narrow("diff", LAPTOP, "--kernel", "6.12", "--kernel", "5.10");
    assertTrue(
        run.out().contains("  ops      dma-iommu -> iommu_dma_ops (6.1) -> intel_dma_ops (5.10)\n"),
        run.out());
  }

  @Test
  void oneKernelIsComparedWithTheMachinesOwn() {
    Run run = Run.narrow("diff", LAPTOP, "--kernel", "6.1");
    assertTrue(run.out().startsWith("A  Linux 5.10: "), run.out());
    assertTrue(run.out().contains("  ops      intel_dma_ops -> iommu_dma_ops (6.1)\n"), run.out());
    assertTrue(Run.of("diff", LAPTOP, "--kernel", "5.10").out().endsWith("Nothing changes.\n"));
  }

  @Test
  void whatIsGivenOnceIsOfBothBootsIfAnythingIsGivenTwice() {
    String out = upgrade("--cmdline", "intel_iommu=on,strict").out();
    assertTrue(out.startsWith("A  Linux 5.10: intel_iommu=on,strict\nB  Linux 6.12: intel_i"), out);
    assertFalse(out.contains("DMA-FQ"), out);
  }

  @Test
  void configurationsCanBeCompared() {
    Run run =
        Run.narrow(
            "diff",
            LAPTOP,
            "--kernel",
            "6.12",
            "--cmdline",
            "quiet",
            "--config",
            "upstream",
            "--config",
            "debian-13");
    assertTrue(run.out().contains("  ops      direct -> dma-iommu\n"), run.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--kernel 5.10 --kernel 6.1 --kernel 6.12|two kernels",
        "--kernel 6.2|6.2 is not mirrored",
        "--config debian-11 --config debian-12 --config debian-13|two configurations"
      })
  void badInputIsOneLineAndTwo(String options) {
    List<String> halves = Splitter.on('|').splitToList(options);
    String command = "diff " + LAPTOP + " " + halves.get(0);
    Run.assertBad(halves.get(1), Splitter.on(' ').splitToList(command).toArray(String[]::new));
  }
}
