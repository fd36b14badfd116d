package org.iommu4j.iommu.iova;

import static org.iommu4j.iommu.iova.RangeNodes.NIL;

/**
 * Disjoint ranges of page frames in order: a height-balanced (AVL) tree in which every node also
 * knows the widest gaps of its subtree.
 *
 * <p>Nodes keep their index for life, so that a caller may hold on to one. Finding, inserting and
 * erasing take logarithmic time; repairing the summaries stops at the first ancestor that they do
 * not change. Not thread-safe.
 */
final class RangeTree {
  private final RangeNodes nodes;
  private int root = NIL;
  private int size;

  RangeTree(RangeNodes nodes) {
    this.nodes = nodes;
  }

  /** Returns the number of ranges. */
  int size() {
    return size;
  }

  int root() {
    return root;
  }

  /** Returns the node whose range holds the page, or {@link RangeNodes#NIL}. */
  int find(long pfn) {
    int node = atOrAbove(pfn);
    return node != NIL && !Pfns.below(pfn, nodes.loPfn(node)) ? node : NIL;
  }

  /** Returns the lowest node that ends at the page or above it, or {@link RangeNodes#NIL}. */
  int atOrAbove(long pfn) {
    int best = NIL;
    int node = root;
    while (node != NIL) {
      if (Pfns.below(nodes.hiPfn(node), pfn)) {
        node = nodes.right(node);
      } else {
        best = node;
        if (!Pfns.below(pfn, nodes.loPfn(node))) {
          break;
        }
        node = nodes.left(node);
      }
    }
    return best;
  }

  /** Returns the next higher node, or {@link RangeNodes#NIL}. */
  int next(int node) {
    int at = nodes.right(node);
    if (at != NIL) {
      return leftmost(at);
    }
    at = node;
    int up = nodes.parent(at);
    while (up != NIL && at == nodes.right(up)) {
      at = up;
      up = nodes.parent(up);
    }
    return up;
  }

  private int leftmost(int node) {
    int at = node;
    while (nodes.left(at) != NIL) {
      at = nodes.left(at);
    }
    return at;
  }

  /** Makes the first node of an empty tree and returns it. */
  int insertFirst(long loPfn, long hiPfn) {
    root = nodes.take(loPfn, hiPfn);
    size = 1;
    refresh(root);
    return root;
  }

  /**
   * Inserts a range between a node and its predecessor and returns its node.
   *
   * @param successor the lowest node above the range
   */
  int insertBefore(int successor, long loPfn, long hiPfn) {
    int node = nodes.take(loPfn, hiPfn);
    int previous = nodes.previous(successor);
    nodes.setPrevious(node, previous);
    nodes.setPrevious(successor, node);
    int parent = nodes.left(successor) == NIL ? successor : previous;
    if (parent == successor) {
      nodes.setLeft(parent, node);
    } else {
      nodes.setRight(parent, node);
    }
    nodes.setParent(node, parent);
    size++;
    refresh(node);
    repairFrom(parent);
    if (parent != successor) {
      repairFrom(successor);
    }
    return node;
  }

  /** Erases a node that is not the highest; returns its successor. */
  int erase(int node) {
    int successor = next(node);
    nodes.setPrevious(successor, nodes.previous(node));
    int lowestTouched;
    if (nodes.left(node) == NIL || nodes.right(node) == NIL) {
      lowestTouched = nodes.parent(node);
      int child = nodes.left(node) == NIL ? nodes.right(node) : nodes.left(node);
      replaceChild(lowestTouched, node, child);
    } else {
      lowestTouched = replaceBySuccessor(node, successor);
    }
    nodes.give(node);
    size--;
    repairFrom(lowestTouched);
    if (lowestTouched != successor) {
      repairFrom(successor);
    }
    return successor;
  }

  /**
   * Puts the successor, which has no left child, where the node is; returns where to repair from.
   */
  private int replaceBySuccessor(int node, int successor) {
    int lowestTouched = successor;
    if (successor != nodes.right(node)) {
      lowestTouched = nodes.parent(successor);
      replaceChild(lowestTouched, successor, nodes.right(successor));
      linkRight(successor, nodes.right(node));
    }
    linkLeft(successor, nodes.left(node));
    replaceChild(nodes.parent(node), node, successor);
    // What the ancestors have seen so far, for the repair to compare with.
    nodes.setSummary(successor, nodes.height(node), nodes.maxGap(node), nodes.maxAligned(node));
    return lowestTouched;
  }

  /** Moves a node's lower bound within the gap below it. */
  void setLoPfn(int node, long loPfn) {
    nodes.setLoPfn(node, loPfn);
    repairFrom(node);
  }

  private void linkLeft(int node, int child) {
    nodes.setLeft(node, child);
    nodes.setParent(child, node);
  }

  private void linkRight(int node, int child) {
    nodes.setRight(node, child);
    nodes.setParent(child, node);
  }

  private void replaceChild(int parent, int from, int to) {
    if (parent == NIL) {
      root = to;
    } else if (nodes.left(parent) == from) {
      nodes.setLeft(parent, to);
    } else {
      nodes.setRight(parent, to);
    }
    nodes.setParent(to, parent);
  }

  /** Balances and summarises the node and its ancestors, up to the first that stays as it was. */
  private void repairFrom(int start) {
    int node = start;
    while (node != NIL) {
      int up = nodes.parent(node);
      int height = nodes.height(node);
      int maxGap = nodes.maxGap(node);
      int maxAligned = nodes.maxAligned(node);
      int top = balance(node);
      if (nodes.height(top) == height
          && nodes.maxGap(top) == maxGap
          && nodes.maxAligned(top) == maxAligned) {
        return;
      }
      node = up;
    }
  }

  private int balance(int node) {
    int left = nodes.left(node);
    int right = nodes.right(node);
    int lean = nodes.height(left) - nodes.height(right);
    if (lean > 1) {
      if (nodes.height(nodes.left(left)) < nodes.height(nodes.right(left))) {
        rotateLeft(left);
      }
      return rotateRight(node);
    }
    if (lean < -1) {
      if (nodes.height(nodes.right(right)) < nodes.height(nodes.left(right))) {
        rotateRight(right);
      }
      return rotateLeft(node);
    }
    refresh(node);
    return node;
  }

  private int rotateLeft(int node) {
    int top = nodes.right(node);
    replaceChild(nodes.parent(node), node, top);
    linkRight(node, nodes.left(top));
    linkLeft(top, node);
    refresh(node);
    refresh(top);
    return top;
  }

  private int rotateRight(int node) {
    int top = nodes.left(node);
    replaceChild(nodes.parent(node), node, top);
    linkLeft(node, nodes.right(top));
    linkRight(top, node);
    refresh(node);
    refresh(top);
    return top;
  }

  private void refresh(int node) {
    int left = nodes.left(node);
    int right = nodes.right(node);
    long floorPfn = nodes.floorPfn(node);
    long loPfn = nodes.loPfn(node);
    int gap = Gaps.capped(loPfn - floorPfn);
    int aligned = Gaps.alignedRoom(floorPfn, loPfn);
    nodes.setSummary(
        node,
        1 + Math.max(nodes.height(left), nodes.height(right)),
        Math.max(gap, Math.max(nodes.maxGap(left), nodes.maxGap(right))),
        Math.max(aligned, Math.max(nodes.maxAligned(left), nodes.maxAligned(right))));
  }
}
