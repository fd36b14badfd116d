package org.iommu4j.iova;

import static org.iommu4j.iova.RangeBlocks.NIL;

/**
 * The blocks in order: a height-balanced (AVL) tree in which every block also knows the widest room
 * among the blocks under it.
 *
 * <p>Linking and unlinking take logarithmic time; repairing stops at the first ancestor that does
 * not change. Not thread-safe.
 */
final class BlockTree {
  private final RangeBlocks blocks;
  private int root = NIL;

  BlockTree(RangeBlocks blocks) {
    this.blocks = blocks;
  }

  int root() {
    return root;
  }

  /** Returns the lowest block. */
  int first() {
    return leftmost(root);
  }

  /** Returns the next higher block, or {@link RangeBlocks#NIL}. */
  int next(int block) {
    int at = blocks.right(block);
    if (at != NIL) {
      return leftmost(at);
    }
    at = block;
    int up = blocks.parent(at);
    while (up != NIL && at == blocks.right(up)) {
      at = up;
      up = blocks.parent(up);
    }
    return up;
  }

  private int leftmost(int block) {
    int at = block;
    while (blocks.left(at) != NIL) {
      at = blocks.left(at);
    }
    return at;
  }

  /** Links a block into an empty tree. */
  void linkFirst(int block) {
    root = block;
    refresh(block);
  }

  /** Links a block between another and that one's predecessor. */
  void linkBefore(int successor, int block) {
    int previous = blocks.previous(successor);
    blocks.setPrevious(block, previous);
    blocks.setPrevious(successor, block);
    int parent = blocks.left(successor) == NIL ? successor : previous;
    if (parent == successor) {
      blocks.setLeft(parent, block);
    } else {
      blocks.setRight(parent, block);
    }
    blocks.setParent(block, parent);
    refresh(block);
    repairFrom(parent);
  }

  /** Unlinks a block; the next higher one, if there is any, takes over its predecessor. */
  void unlink(int block) {
    int successor = next(block);
    if (successor != NIL) {
      blocks.setPrevious(successor, blocks.previous(block));
    }
    int lowestTouched;
    if (blocks.left(block) == NIL || blocks.right(block) == NIL) {
      lowestTouched = blocks.parent(block);
      int child = blocks.left(block) == NIL ? blocks.right(block) : blocks.left(block);
      replaceChild(lowestTouched, block, child);
    } else {
      lowestTouched = replaceBySuccessor(block, successor);
    }
    repairFrom(lowestTouched);
    if (lowestTouched != successor) {
      repairFrom(successor);
    }
  }

  /** Puts the successor, which has no left child, where the block is; returns where to repair. */
  private int replaceBySuccessor(int block, int successor) {
    int lowestTouched = successor;
    if (successor != blocks.right(block)) {
      lowestTouched = blocks.parent(successor);
      replaceChild(lowestTouched, successor, blocks.right(successor));
      linkRight(successor, blocks.right(block));
    }
    linkLeft(successor, blocks.left(block));
    replaceChild(blocks.parent(block), block, successor);
    // What the ancestors have seen so far, for the repair to compare with.
    blocks.setSummary(
        successor, blocks.height(block), blocks.widest(block, false), blocks.widest(block, true));
    return lowestTouched;
  }

  private void linkLeft(int block, int child) {
    blocks.setLeft(block, child);
    blocks.setParent(child, block);
  }

  private void linkRight(int block, int child) {
    blocks.setRight(block, child);
    blocks.setParent(child, block);
  }

  private void replaceChild(int parent, int from, int to) {
    if (parent == NIL) {
      root = to;
    } else if (blocks.left(parent) == from) {
      blocks.setLeft(parent, to);
    } else {
      blocks.setRight(parent, to);
    }
    blocks.setParent(to, parent);
  }

  /** Balances and summarises the block and its ancestors, up to the first that stays as it was. */
  void repairFrom(int start) {
    int block = start;
    while (block != NIL) {
      int up = blocks.parent(block);
      int height = blocks.height(block);
      int maxGap = blocks.widest(block, false);
      int maxAligned = blocks.widest(block, true);
      int top = balance(block);
      if (blocks.height(top) == height
          && blocks.widest(top, false) == maxGap
          && blocks.widest(top, true) == maxAligned) {
        return;
      }
      block = up;
    }
  }

  private int balance(int block) {
    int left = blocks.left(block);
    int right = blocks.right(block);
    int lean = blocks.height(left) - blocks.height(right);
    if (lean > 1) {
      if (blocks.height(blocks.left(left)) < blocks.height(blocks.right(left))) {
        rotateLeft(left);
      }
      return rotateRight(block);
    }
    if (lean < -1) {
      if (blocks.height(blocks.right(right)) < blocks.height(blocks.left(right))) {
        rotateRight(right);
      }
      return rotateLeft(block);
    }
    refresh(block);
    return block;
  }

  private int rotateLeft(int block) {
    int top = blocks.right(block);
    replaceChild(blocks.parent(block), block, top);
    linkRight(block, blocks.left(top));
    linkLeft(top, block);
    refresh(block);
    refresh(top);
    return top;
  }

  private int rotateRight(int block) {
    int top = blocks.left(block);
    replaceChild(blocks.parent(block), block, top);
    linkLeft(block, blocks.right(top));
    linkRight(top, block);
    refresh(block);
    refresh(top);
    return top;
  }

  private void refresh(int block) {
    int left = blocks.left(block);
    int right = blocks.right(block);
    blocks.setSummary(
        block,
        1 + Math.max(blocks.height(left), blocks.height(right)),
        widest(block, left, right, false),
        widest(block, left, right, true));
  }

  private int widest(int block, int left, int right, boolean aligned) {
    int below = Math.max(blocks.widest(left, aligned), blocks.widest(right, aligned));
    return Math.max(blocks.own(block, aligned), below);
  }
}
