package org.iommu4j.iova;

import static org.iommu4j.iova.RangeBlocks.NIL;
import static org.iommu4j.iova.RangeBlocks.NO_SLOT;
import static org.iommu4j.iova.RangeBlocks.blockOf;

/**
 * Finds gaps for a {@link GapSearch}: the highest one below a range that another range fits into,
 * in logarithmic time. A range is known by a number, its slot, for as long as the search goes on.
 *
 * <p>The answer is that of the kernel's walk from the range downwards, gap by gap; blocks and
 * subtrees without a gap wide enough are passed by. A block that is looked into in vain, since
 * ranges have come into its gaps, is measured, and passed by from then on. Only a request for
 * {@link GapRoom#HUGE} pages or more may come to it again, which then has a gap at least that wide.
 * Not thread-safe: a search has the domain's lock.
 *
 * <p>Source: {@code drivers/iommu/iova.c:__alloc_and_insert_iova_range}.
 */
public final class GapFinder {
  /** No range: no gap is wide enough. */
  public static final int NONE = NO_SLOT;

  private final RangeBlocks blocks;
  private final RangeTree tree;
  private final long startPfn;

  /**
   * Makes a finder.
   *
   * @param startPfn the lowest page that a range may begin with
   */
  GapFinder(RangeBlocks blocks, RangeTree tree, long startPfn) {
    this.blocks = blocks;
    this.tree = tree;
    this.startPfn = startPfn;
  }

  /** Returns the anchor, the range above all addresses: a search from it sees every gap. */
  public int anchor() {
    return tree.atOrBelow(-1L);
  }

  /**
   * Returns the range above the highest gap at or below {@code from} that takes a range, or {@link
   * #NONE}.
   *
   * @param from the slot of the range to start below
   * @param endPfn the page that the range must end before
   * @param sizePages the range's width, 1 to 2^63 - 1
   * @param sizeAligned whether the range starts at a multiple of the power of two that it fits in
   */
  public int highest(int from, long endPfn, long sizePages, boolean sizeAligned) {
    int need = GapRoom.capped(sizePages);
    int start = Pfns.below(endPfn, tree.floorPfn(from)) ? tree.endingAtOrAbove(endPfn) : from;
    if (fits(start, endPfn, sizePages, sizeAligned)) {
      return start;
    }
    int last = start - 1;
    int block = blockOf(start);
    while (block != NIL) {
      if (blocks.own(block, sizeAligned) >= need) {
        for (int slot = last; slot >= blocks.firstSlot(block); slot--) {
          if (fits(slot, endPfn, sizePages, sizeAligned)) {
            return slot;
          }
        }
        if (block != blockOf(start)) {
          tree.tighten(block);
        }
      }
      block = lowerCandidate(block, need, sizeAligned);
      last = blocks.endSlot(block) - 1;
    }
    // No summary has the lowest gap.
    int lowest = tree.first();
    return fits(lowest, endPfn, sizePages, sizeAligned) ? lowest : NONE;
  }

  /** Returns whether what {@link #highest} returned is a gap, of addresses that may be used. */
  public boolean isUsable(int slot, long endPfn, long sizePages, boolean sizeAligned) {
    return slot != NONE && !Pfns.below(place(slot, endPfn, sizePages, sizeAligned), startPfn);
  }

  /** Returns whether a range lies before a page, so that there may be gaps between the two. */
  public boolean endsBefore(int slot, long endPfn) {
    return Pfns.below(blocks.hiPfn(slot), endPfn);
  }

  /** Returns where a range below another starts if it ends as high as it can. */
  long place(int slot, long endPfn, long sizePages, boolean sizeAligned) {
    long pfn = Pfns.min(endPfn, blocks.loPfn(slot)) - sizePages;
    return sizeAligned ? pfn & Pfns.alignMask(sizePages) : pfn;
  }

  private boolean fits(int slot, long endPfn, long sizePages, boolean sizeAligned) {
    return !Pfns.below(Pfns.min(endPfn, blocks.loPfn(slot)), sizePages)
        && !Pfns.below(place(slot, endPfn, sizePages, sizeAligned), tree.floorPfn(slot));
  }

  /** Returns the highest block below this one that seems to have a gap wide enough. */
  private int lowerCandidate(int block, int need, boolean sizeAligned) {
    int below = blocks.left(block);
    if (blocks.widest(below, sizeAligned) >= need) {
      return highestIn(below, need, sizeAligned);
    }
    int at = block;
    for (int up = blocks.parent(at); up != NIL; up = blocks.parent(up)) {
      if (at == blocks.right(up)) {
        if (blocks.own(up, sizeAligned) >= need) {
          return up;
        }
        below = blocks.left(up);
        if (blocks.widest(below, sizeAligned) >= need) {
          return highestIn(below, need, sizeAligned);
        }
      }
      at = up;
    }
    return NIL;
  }

  /** Returns the highest block of a subtree that is known to have one wide enough. */
  private int highestIn(int subtree, int need, boolean sizeAligned) {
    int block = subtree;
    while (true) {
      if (blocks.widest(blocks.right(block), sizeAligned) >= need) {
        block = blocks.right(block);
      } else if (blocks.own(block, sizeAligned) >= need) {
        return block;
      } else {
        block = blocks.left(block);
      }
    }
  }
}
