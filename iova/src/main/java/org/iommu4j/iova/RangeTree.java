package org.iommu4j.iova;

import static org.iommu4j.iova.RangeBlocks.NIL;
import static org.iommu4j.iova.RangeBlocks.NO_SLOT;
import static org.iommu4j.iova.RangeBlocks.SLOTS;
import static org.iommu4j.iova.RangeBlocks.blockOf;

/**
 * Disjoint ranges of page frames in order, in a tree of blocks.
 *
 * <p>Blocks rather than single ranges in the tree, because memory is what a search waits for: the
 * tree of a hundred thousand ranges is small enough for the near caches, and a block is read in one
 * go. A range is known by its slot, until anything is inserted or erased, and by its first page for
 * life. All operations take logarithmic time. Not thread-safe.
 *
 * <p>The gap below the lowest range is in no block's summary: it is the last that a search comes
 * to, and most ranges come and go there, which then concerns no other block.
 *
 * <p>A block's summary is a bound: a gap that grows is taken in at once, one that shrinks when a
 * search has come to the block in vain. So a range that comes and goes costs no measuring, and a
 * search pays for at most as many measurings as ranges have come since the last.
 */
final class RangeTree {
  private static final int MERGED_SLOTS = SLOTS * 3 / 4;

  /** A block asks its neighbours each time it has shrunk by so many, not at each range. */
  private static final int MERGE_STEP = SLOTS / 4;

  private final RangeBlocks blocks;
  private final BlockTree order;
  private int size = 1;

  /** Makes a tree of one range, which must not be erased. */
  RangeTree(RangeBlocks blocks, BlockTree order, long loPfn, long hiPfn) {
    this.blocks = blocks;
    this.order = order;
    int block = blocks.take();
    blocks.insert(block, blocks.endSlot(block), loPfn, hiPfn);
    measure(block);
    order.linkFirst(block);
  }

  /** Returns the number of ranges. */
  int size() {
    return size;
  }

  /** Returns the slot of the lowest range. */
  int first() {
    return blocks.firstSlot(order.first());
  }

  /** Returns the highest range that starts at the page or below it, or no slot. */
  int atOrBelow(long pfn) {
    int best = NIL;
    int block = order.root();
    while (block != NIL) {
      if (Pfns.below(pfn, blocks.loPfn(blocks.firstSlot(block)))) {
        block = blocks.left(block);
      } else {
        best = block;
        block = blocks.right(block);
      }
    }
    return best == NIL ? NO_SLOT : lastAtOrBelow(best, pfn);
  }

  /** Returns the last range of a block that starts at the page or below, as the first one does. */
  private int lastAtOrBelow(int block, long pfn) {
    int low = blocks.firstSlot(block);
    int high = blocks.endSlot(block) - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Pfns.below(pfn, blocks.loPfn(middle))) {
        high = middle - 1;
      } else {
        low = middle;
      }
    }
    return low;
  }

  /** Returns the lowest range that ends at the page or above it. */
  int endingAtOrAbove(long pfn) {
    int slot = atOrBelow(pfn);
    if (slot == NO_SLOT) {
      return first();
    }
    return Pfns.below(blocks.hiPfn(slot), pfn) ? next(slot) : slot;
  }

  /** Returns whether a slot, that may be out of date, is that of the range starting at the page. */
  boolean startsAt(int slot, long loPfn) {
    int block = blockOf(slot);
    return blocks.loPfn(slot) == loPfn
        && slot >= blocks.firstSlot(block)
        && slot < blocks.endSlot(block);
  }

  /** Returns the next higher range, or no slot. */
  int next(int slot) {
    int block = blockOf(slot);
    return slot + 1 < blocks.endSlot(block) ? slot + 1 : blocks.firstSlot(order.next(block));
  }

  /** Returns the next lower range, or no slot. */
  int previous(int slot) {
    int block = blockOf(slot);
    if (slot != blocks.firstSlot(block)) {
      return slot - 1;
    }
    int previous = blocks.previous(block);
    return previous == NIL ? NO_SLOT : blocks.endSlot(previous) - 1;
  }

  /** Returns the first page of the gap below a range. */
  long floorPfn(int slot) {
    return blocks.hiPfn(previous(slot)) + 1;
  }

  /**
   * Inserts a range between another and that one's predecessor; returns its slot.
   *
   * @param successor the lowest range above
   */
  int insertBefore(int successor, long loPfn, long hiPfn) {
    int block = blockOf(successor);
    size++;
    if (blocks.count(block) == SLOTS) {
      return insertBeside(successor, loPfn, hiPfn);
    }
    int slot = blocks.insert(block, successor, loPfn, hiPfn);
    if (isLowest(slot)) {
      widen(slot + 1);
    }
    return slot;
  }

  /** Inserts a range before one of a full block: at the end of the block below, or of a new one. */
  private int insertBeside(int successor, long loPfn, long hiPfn) {
    int full = blockOf(successor);
    int at = successor - blocks.firstSlot(full);
    int below = blocks.previous(full);
    boolean append = at == 0 && below != NIL && blocks.count(below) < SLOTS;
    if (!append) {
      // Ranges mostly come in below all others: then the full block stays full but for one, so
      // that the new block is not given back when the new range is.
      below = split(full, at == 0 ? 1 : SLOTS / 2);
    }
    int slot;
    if (at > SLOTS / 2) {
      slot = blocks.insert(full, successor, loPfn, hiPfn);
    } else {
      int before = append ? blocks.endSlot(below) : blocks.firstSlot(below) + at;
      slot = blocks.insert(below, before, loPfn, hiPfn);
    }
    tighten(below);
    tighten(full);
    return slot;
  }

  /** Moves the lowest ranges of a block to a new block below it, which is returned. */
  private int split(int block, int count) {
    int fresh = blocks.take();
    blocks.moveDown(block, fresh, count);
    order.linkBefore(block, fresh);
    return fresh;
  }

  private boolean isLowest(int slot) {
    int block = blockOf(slot);
    return slot == blocks.firstSlot(block) && blocks.previous(block) == NIL;
  }

  /** Erases a range that is not the highest; returns the slot of its successor. */
  int erase(int slot) {
    int block = blockOf(slot);
    int successor = blocks.remove(slot);
    if (successor == blocks.endSlot(block)) {
      successor = blocks.firstSlot(order.next(block));
    }
    size--;
    int count = blocks.count(block);
    if (count == 0) {
      drop(block);
    }
    if (!isLowest(successor)) {
      widen(successor);
    }
    long pfn = blocks.loPfn(successor);
    return count % MERGE_STEP == 0 && merge(block) ? atOrBelow(pfn) : successor;
  }

  /** Merges a block with a neighbour if both leave room; returns whether slots have changed. */
  private boolean merge(int block) {
    int count = blocks.count(block);
    if (count == 0 || count > SLOTS / 2) {
      return false;
    }
    int previous = blocks.previous(block);
    if (previous != NIL && blocks.count(previous) + count <= MERGED_SLOTS) {
      mergeDown(block, previous);
      return true;
    }
    int next = order.next(block);
    if (next != NIL && blocks.count(next) + count <= MERGED_SLOTS) {
      mergeDown(next, block);
      return true;
    }
    return false;
  }

  private void mergeDown(int block, int previous) {
    blocks.moveDown(block, previous, blocks.count(block));
    drop(block);
    tighten(previous);
  }

  private void drop(int block) {
    order.unlink(block);
    blocks.give(block);
  }

  /** Moves a range's lower bound within the gap below it. */
  void setLoPfn(int slot, long loPfn) {
    blocks.setLoPfn(slot, loPfn);
    tighten(blockOf(slot));
  }

  /**
   * Takes in that the gap below a range has grown by what was there.
   *
   * <p>Rounded up, so that a gap growing range by range is taken in a few times only.
   */
  private void widen(int slot) {
    int block = blockOf(slot);
    int gap = GapRoom.capped(blocks.loPfn(slot) - floorPfn(slot));
    if (gap > blocks.own(block, true)) {
      int bound = -1 >>> Integer.numberOfLeadingZeros(gap);
      blocks.setOwn(block, Math.max(bound, blocks.own(block, false)), bound);
      order.repairFrom(block);
    }
  }

  /** Makes a block's summary what its gaps are, where it may say more. */
  void tighten(int block) {
    int gap = blocks.own(block, false);
    int aligned = blocks.own(block, true);
    measure(block);
    if (blocks.own(block, false) != gap || blocks.own(block, true) != aligned) {
      order.repairFrom(block);
    }
  }

  private void measure(int block) {
    int gap = 0;
    int aligned = 0;
    int end = blocks.endSlot(block);
    int start = blocks.firstSlot(block) + (isLowest(blocks.firstSlot(block)) ? 1 : 0);
    long floorPfn = floorPfn(start);
    for (int slot = start; slot < end; slot++) {
      long loPfn = blocks.loPfn(slot);
      int width = GapRoom.capped(loPfn - floorPfn);
      gap = Math.max(gap, width);
      if (width > aligned) {
        aligned = Math.max(aligned, GapRoom.alignedRoom(floorPfn, loPfn));
      }
      floorPfn = blocks.hiPfn(slot) + 1;
    }
    blocks.setOwn(block, gap, aligned);
  }
}
