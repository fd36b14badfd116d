package org.iommu4j.iova;

import static org.iommu4j.iova.RangeBlocks.NIL;
import static org.iommu4j.iova.RangeBlocks.NO_SLOT;
import static org.iommu4j.iova.RangeBlocks.SLOTS;

/** The invariants of a {@link RangeTree}: order, links, balance, fill and summaries. */
final class RangeTreeCheck {
  private final RangeBlocks blocks;
  private final RangeTree tree;
  private int previousBlock = NIL;
  private int previousSlot = NO_SLOT;
  private int count;

  private RangeTreeCheck(RangeBlocks blocks, RangeTree tree) {
    this.blocks = blocks;
    this.tree = tree;
  }

  /** Throws {@link AssertionError} naming the first place that breaks an invariant. */
  static void check(RangeBlocks blocks, BlockTree order, RangeTree tree) {
    RangeTreeCheck check = new RangeTreeCheck(blocks, tree);
    check.subtree(order.root(), NIL);
    if (check.count != tree.size()) {
      throw new AssertionError(check.count + " ranges reached of " + tree.size());
    }
  }

  private void subtree(int block, int parent) {
    if (block == NIL) {
      return;
    }
    int left = blocks.left(block);
    int right = blocks.right(block);
    subtree(left, block);
    require(blocks.parent(block) == parent, block, "has another parent");
    require(blocks.previous(block) == previousBlock, block, "has another predecessor");
    require(blocks.count(block) >= 1 && blocks.count(block) <= SLOTS, block, "is not filled");
    ranges(block);
    previousBlock = block;
    subtree(right, block);
    links(block, left, right);
  }

  private void ranges(int block) {
    int gap = 0;
    int aligned = 0;
    for (int slot = blocks.firstSlot(block); slot < blocks.endSlot(block); slot++) {
      long loPfn = blocks.loPfn(slot);
      require(tree.previous(slot) == previousSlot, block, "has a range after another one");
      require(!Pfns.below(blocks.hiPfn(slot), loPfn), block, "has a range upside down");
      require(
          previousSlot == NO_SLOT || Pfns.below(blocks.hiPfn(previousSlot), loPfn),
          block,
          "has a range that overlaps another");
      if (previousSlot != NO_SLOT) {
        gap = Math.max(gap, GapRoom.capped(loPfn - tree.floorPfn(slot)));
        aligned = Math.max(aligned, GapRoom.alignedRoom(tree.floorPfn(slot), loPfn));
      }
      previousSlot = slot;
      count++;
    }
    require(blocks.own(block, false) >= gap, block, "has a wider gap than it says");
    require(blocks.own(block, true) >= aligned, block, "has a wider aligned room than it says");
  }

  private void links(int block, int left, int right) {
    int leftHeight = blocks.height(left);
    int rightHeight = blocks.height(right);
    require(Math.abs(leftHeight - rightHeight) <= 1, block, "leans");
    require(
        blocks.height(block) == 1 + Math.max(leftHeight, rightHeight), block, "has another height");
    for (boolean aligned : new boolean[] {false, true}) {
      int below = Math.max(blocks.widest(left, aligned), blocks.widest(right, aligned));
      require(
          blocks.widest(block, aligned) == Math.max(blocks.own(block, aligned), below),
          block,
          "has another widest room under it");
    }
  }

  private void require(boolean holds, int block, String complaint) {
    if (!holds) {
      long loPfn = blocks.loPfn(blocks.firstSlot(block));
      throw new AssertionError("block from pfn " + Pfns.hex(loPfn) + " on " + complaint);
    }
  }
}
