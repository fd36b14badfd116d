package org.iommu4j.iommu.iova;

import static org.iommu4j.iommu.iova.RangeNodes.NIL;

/** The invariants of a {@link RangeTree}: order, links, balance and summaries. */
final class RangeTreeCheck {
  private final RangeNodes nodes;
  private int previous = NIL;
  private int count;

  private RangeTreeCheck(RangeNodes nodes) {
    this.nodes = nodes;
  }

  /** Throws {@link AssertionError} naming the first range that breaks an invariant. */
  static void check(RangeNodes nodes, RangeTree tree) {
    RangeTreeCheck check = new RangeTreeCheck(nodes);
    check.subtree(tree.root(), NIL);
    if (check.count != tree.size()) {
      throw new AssertionError(check.count + " nodes reached of " + tree.size());
    }
  }

  private void subtree(int node, int parent) {
    if (node == NIL) {
      return;
    }
    int left = nodes.left(node);
    int right = nodes.right(node);
    subtree(left, node);
    require(nodes.parent(node) == parent, node, "has another parent");
    require(nodes.previous(node) == previous, node, "has another predecessor");
    require(!Pfns.below(nodes.hiPfn(node), nodes.loPfn(node)), node, "is upside down");
    require(
        previous == NIL || Pfns.below(nodes.hiPfn(previous), nodes.loPfn(node)),
        node,
        "overlaps its predecessor");
    previous = node;
    count++;
    subtree(right, node);
    summary(node, left, right);
  }

  private void summary(int node, int left, int right) {
    int leftHeight = nodes.height(left);
    int rightHeight = nodes.height(right);
    require(Math.abs(leftHeight - rightHeight) <= 1, node, "leans");
    require(
        nodes.height(node) == 1 + Math.max(leftHeight, rightHeight), node, "has another height");
    int gap = Gaps.capped(nodes.loPfn(node) - nodes.floorPfn(node));
    int aligned = Gaps.alignedRoom(nodes.floorPfn(node), nodes.loPfn(node));
    require(
        nodes.maxGap(node) == Math.max(gap, Math.max(nodes.maxGap(left), nodes.maxGap(right))),
        node,
        "has another widest gap");
    require(
        nodes.maxAligned(node)
            == Math.max(aligned, Math.max(nodes.maxAligned(left), nodes.maxAligned(right))),
        node,
        "has another widest aligned room");
  }

  private void require(boolean holds, int node, String complaint) {
    if (!holds) {
      throw new AssertionError("range at pfn " + Pfns.hex(nodes.loPfn(node)) + " " + complaint);
    }
  }
}
