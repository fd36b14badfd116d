package org.iommu4j.vfio.type1;

import org.jspecify.annotations.Nullable;

/**
 * A red-black tree whose shape can be walked, with the shape that the kernel's has after the same
 * calls: where several mappings overlap a range, which one is found first depends on it.
 *
 * <p>Not thread-safe.
 *
 * <p>Source: {@code lib/rbtree.c:__rb_insert}, {@code ____rb_erase_color}.
 */
final class RedBlackTree<N extends RedBlackTree.Node> {
  private @Nullable Node root;

  /** What is in a tree. */
  static class Node {
    private @Nullable Node parent;
    private @Nullable Node left;
    private @Nullable Node right;
    private boolean red;

    /** Makes a node that is in no tree. */
    Node() {}
  }

  boolean isEmpty() {
    return root == null;
  }

  @Nullable N root() {
    return cast(root);
  }

  @Nullable N left(N node) {
    return cast(((Node) node).left);
  }

  @Nullable N right(N node) {
    return cast(((Node) node).right);
  }

  @SuppressWarnings("unchecked") // only N are linked
  private @Nullable N cast(@Nullable Node node) {
    return (N) node;
  }

  @Nullable N first() {
    Node node = root;
    while (node != null && node.left != null) {
      node = node.left;
    }
    return cast(node);
  }

  @Nullable N next(N after) {
    Node node = after;
    if (node.right != null) {
      node = node.right;
      while (node.left != null) {
        node = node.left;
      }
      return cast(node);
    }
    Node parent = node.parent;
    while (parent != null && node == parent.right) {
      node = parent;
      parent = node.parent;
    }
    return cast(parent);
  }

  /** Links a node below another, on a side where there is none; null for an empty tree. */
  void link(N added, @Nullable N under, boolean onLeft) {
    Node node = added;
    node.left = null;
    node.right = null;
    node.parent = under;
    node.red = true;
    if (under == null) {
      root = node;
    } else if (onLeft) {
      ((Node) under).left = node;
    } else {
      ((Node) under).right = node;
    }
    mendAfterLink(node);
  }

  private void mendAfterLink(Node added) {
    Node node = added;
    Node parent = node.parent;
    while (parent != null && parent.red) {
      Node above = parent.parent;
      if (above == null) {
        break;
      }
      boolean onLeft = parent == above.left;
      Node uncle = onLeft ? above.right : above.left;
      if (isRed(uncle)) {
        parent.red = false;
        setBlack(uncle);
        above.red = true;
        node = above;
        parent = node.parent;
        continue;
      }
      if (node == (onLeft ? parent.right : parent.left)) {
        rotate(parent, onLeft);
        parent = node;
      }
      parent.red = false;
      above.red = true;
      rotate(above, !onLeft);
      break;
    }
    setBlack(root);
  }

  /** Takes a node out of the tree. */
  void unlink(N removed) {
    Node node = removed;
    if (node.left != null && node.right != null) {
      swapWithNext(node);
    }
    Node child = node.left == null ? node.right : node.left;
    Node parent = node.parent;
    replaceChild(parent, node, child);
    if (child != null) {
      child.parent = parent;
      child.red = false; // a lone child is red
    } else if (!node.red) {
      mendAfterUnlink(parent);
    }
    node.parent = null;
    node.left = null;
    node.right = null;
  }

  /** Exchanges a node of two children with the next in order, which has no left child. */
  private void swapWithNext(Node node) {
    Node left = there(node.left);
    Node right = there(node.right);
    Node next = right;
    while (next.left != null) {
      next = next.left;
    }
    boolean nextRed = next.red;
    next.red = node.red;
    node.red = nextRed;
    Node nextRight = next.right;
    Node nextParent = there(next.parent);
    replaceChild(node.parent, node, next);
    next.parent = node.parent;
    next.left = left;
    left.parent = next;
    if (nextParent == node) {
      next.right = node;
      node.parent = next;
    } else {
      next.right = right;
      right.parent = next;
      nextParent.left = node;
      node.parent = nextParent;
    }
    node.left = null;
    node.right = nextRight;
    if (nextRight != null) {
      nextRight.parent = node;
    }
  }

  private static Node there(@Nullable Node node) {
    if (node == null) {
      throw new AssertionError("a red-black tree has a node there");
    }
    return node;
  }

  /** Mends the tree after a black leaf was taken from below this node. */
  private void mendAfterUnlink(@Nullable Node below) {
    Node parent = below;
    Node node = null;
    while (parent != null && !isRed(node)) {
      boolean onLeft = node == parent.left;
      Node sibling = sibling(parent, onLeft);
      if (sibling.red) {
        sibling.red = false;
        parent.red = true;
        rotate(parent, onLeft);
        sibling = sibling(parent, onLeft);
      }
      if (!isRed(sibling.left) && !isRed(sibling.right)) {
        sibling.red = true;
        node = parent;
        parent = node.parent;
        continue;
      }
      if (!isRed(onLeft ? sibling.right : sibling.left)) {
        setBlack(onLeft ? sibling.left : sibling.right);
        sibling.red = true;
        rotate(sibling, !onLeft);
        sibling = sibling(parent, onLeft);
      }
      sibling.red = parent.red;
      parent.red = false;
      setBlack(onLeft ? sibling.right : sibling.left);
      rotate(parent, onLeft);
      return;
    }
    setBlack(node);
  }

  private static Node sibling(Node parent, boolean onLeft) {
    return there(onLeft ? parent.right : parent.left);
  }

  /** Lets a node's child on the other side take its place. */
  private void rotate(Node node, boolean toLeft) {
    Node child = there(toLeft ? node.right : node.left);
    Node inner = toLeft ? child.left : child.right;
    if (toLeft) {
      node.right = inner;
      child.left = node;
    } else {
      node.left = inner;
      child.right = node;
    }
    if (inner != null) {
      inner.parent = node;
    }
    child.parent = node.parent;
    replaceChild(node.parent, node, child);
    node.parent = child;
  }

  private void replaceChild(@Nullable Node parent, Node old, @Nullable Node by) {
    if (parent == null) {
      root = by;
    } else if (parent.left == old) {
      parent.left = by;
    } else {
      parent.right = by;
    }
  }

  private static boolean isRed(@Nullable Node node) {
    return node != null && node.red;
  }

  private static void setBlack(@Nullable Node node) {
    if (node != null) {
      node.red = false;
    }
  }
}
