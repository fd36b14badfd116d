package org.iommu4j.iommu.iova;

import static org.iommu4j.iommu.iova.RangeNodes.NIL;

/**
 * Finds the highest gap below a node that a range fits into, in logarithmic time.
 *
 * <p>The answer is that of the kernel's walk from the node downwards, gap by gap; subtrees without
 * a gap wide enough are passed by. Only a request for {@link Gaps#HUGE} pages or more may look at
 * several gaps, all of which are at least that wide. Not thread-safe.
 *
 * <p>Source: {@code drivers/iommu/iova.c:__alloc_and_insert_iova_range}.
 */
final class GapSearch {
  private final RangeNodes nodes;
  private final RangeTree tree;

  GapSearch(RangeNodes nodes, RangeTree tree) {
    this.nodes = nodes;
    this.tree = tree;
  }

  /**
   * Returns the node above the highest gap at or below {@code from} that takes the range, or {@link
   * RangeNodes#NIL}.
   *
   * @param from the node to start below
   * @param endPfn the page that the range must end before
   * @param sizePages the range's width, 1 to 2^63 - 1
   * @param sizeAligned whether the range starts at a multiple of the power of two that it fits in
   */
  int highest(int from, long endPfn, long sizePages, boolean sizeAligned) {
    int need = Gaps.capped(sizePages);
    int node = Pfns.below(endPfn, nodes.loPfn(from)) ? tree.atOrAbove(endPfn) : from;
    while (node != NIL && !fits(node, endPfn, sizePages, sizeAligned)) {
      node = lowerCandidate(node, need, sizeAligned);
    }
    return node;
  }

  /** Returns where a range below the node starts if it ends as high as it can. */
  long place(int node, long endPfn, long sizePages, boolean sizeAligned) {
    long pfn = Pfns.min(endPfn, nodes.loPfn(node)) - sizePages;
    return sizeAligned ? pfn & Pfns.alignMask(sizePages) : pfn;
  }

  private boolean fits(int node, long endPfn, long sizePages, boolean sizeAligned) {
    return !Pfns.below(Pfns.min(endPfn, nodes.loPfn(node)), sizePages)
        && !Pfns.below(place(node, endPfn, sizePages, sizeAligned), nodes.floorPfn(node));
  }

  /** Returns the highest node below this one whose gap seems wide enough. */
  private int lowerCandidate(int node, int need, boolean sizeAligned) {
    int below = nodes.left(node);
    if (widest(below, sizeAligned) >= need) {
      return highestIn(below, need, sizeAligned);
    }
    int at = node;
    for (int up = nodes.parent(at); up != NIL; up = nodes.parent(up)) {
      if (at == nodes.right(up) && widest(up, sizeAligned) >= need) {
        if (own(up, sizeAligned) >= need) {
          return up;
        }
        below = nodes.left(up);
        if (widest(below, sizeAligned) >= need) {
          return highestIn(below, need, sizeAligned);
        }
      }
      at = up;
    }
    return NIL;
  }

  /** Returns the highest node of a subtree that is known to have one wide enough. */
  private int highestIn(int subtree, int need, boolean sizeAligned) {
    int node = subtree;
    while (true) {
      if (widest(nodes.right(node), sizeAligned) >= need) {
        node = nodes.right(node);
      } else if (widest(nodes.left(node), sizeAligned) < need || own(node, sizeAligned) >= need) {
        return node;
      } else {
        node = nodes.left(node);
      }
    }
  }

  private int widest(int subtree, boolean sizeAligned) {
    return sizeAligned ? nodes.maxAligned(subtree) : nodes.maxGap(subtree);
  }

  private int own(int node, boolean sizeAligned) {
    long floorPfn = nodes.floorPfn(node);
    long loPfn = nodes.loPfn(node);
    return sizeAligned ? Gaps.alignedRoom(floorPfn, loPfn) : Gaps.capped(loPfn - floorPfn);
  }
}
