package org.iommu4j.iova;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class GapFinderTest {
  private static final int RANGES = 4 * RangeBlocks.SLOTS;
  private static final long TOP_PFN = 1 << 20;

  private final RangeBlocks blocks = new RangeBlocks();
  private final BlockTree order = new BlockTree(blocks);
  private final RangeTree tree = new RangeTree(blocks, order, TOP_PFN, TOP_PFN);
  private final GapFinder finder = new GapFinder(blocks, tree, 0);

  @Test
  void aBlockThatWasLookedIntoInVainIsMeasured() {
    for (int i = 1; i <= RANGES; i++) {
      // Four pages in ten, from the top down.
      tree.insertBefore(tree.first(), TOP_PFN - 10L * i, TOP_PFN - 10L * i + 3);
    }
    tree.erase(tree.atOrBelow(TOP_PFN - 10L * (RANGES / 2)));
    int wider = RangeBlocks.blockOf(tree.atOrBelow(TOP_PFN - 10L * (RANGES / 2 - 1)));
    assertTrue(blocks.own(wider, false) >= 20, "the gap of 16 pages is rounded up");

    int from = tree.atOrBelow(TOP_PFN);
    assertEquals(tree.first(), finder.highest(from, TOP_PFN, 20, false), "the space below all");
    assertEquals(16, blocks.own(wider, false));
    RangeTreeCheck.check(blocks, order, tree);
  }
}
