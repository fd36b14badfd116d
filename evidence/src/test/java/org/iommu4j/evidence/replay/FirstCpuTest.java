package org.iommu4j.evidence.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** From where the kernel found its pages follows on which CPU a script began. */
final class FirstCpuTest {
  private static int guess(int cpus, String script) {
    return FirstCpu.guess(Transcript.parse("script", script), cpus);
  }

  @Test
  void nothingTellsOfAScriptThatStaysWhereItIs() {
    assertEquals(0, guess(2, "page 1 0 -> phys=0x4803000\nalloc 2 64 -> phys=0x4804000\n"));
  }

  @Test
  void pagesOfOneListFollowEachOther() {
    String script =
        """
        page 1 0 -> phys=0x4883000
        page 2 0 -> phys=0x4884000
        cpu 0
        alloc 3 64 -> phys=0x4881000
        cpu 1
        alloc 4 4096 -> phys=0x4888000
        """;
    assertEquals(1, guess(2, script));
    assertEquals(0, guess(1, script));
  }

  @Test
  void neighboursAreOfOneListWhereNoneFollows() {
    assertEquals(
        1,
        guess(
            2,
            """
            page 1 0 -> phys=0x28980000
            page 2 0 -> phys=0x289a6000
            page 3 0 -> phys=0x281a9000
            cpu 0
            alloc 4 64 -> phys=0x47ed000
            alloc 5 64 -> phys=0x47ec000
            cpu 1
            alloc 6 64 -> phys=0x281a8000
            """));
  }

  @Test
  void aFreedPageComesBackToTheCpuThatFreedIt() {
    assertEquals(
        1,
        guess(
            2,
            """
            page 1 0 -> phys=0x2358000
            alloc 2 64 -> dma=0xfffff000 phys=0x22f3000
            unmap 2
            cpu 0
            alloc 3 64 -> phys=0x2359000
            cpu 1
            alloc 4 64 -> phys=0x22f3000
            """));
  }

  @Test
  void largerBlocksAreOfNoList() {
    assertEquals(
        0,
        guess(
            2,
            """
            page 1 1 -> phys=0x2358000
            alloc 2 8192 -> phys=0x235a000
            cpu 1
            page 3 1 -> phys=0x235c000
            """));
  }
}
