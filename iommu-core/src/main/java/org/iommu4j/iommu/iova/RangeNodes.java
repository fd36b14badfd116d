package org.iommu4j.iommu.iova;

import java.util.Arrays;

/**
 * Storage for the nodes of a tree of ranges: two primitive arrays and no object a range, 44 bytes a
 * node.
 *
 * <p>A node is an index. {@link #NIL} is a node too, with empty bounds and summaries, so that a
 * missing child needs no branch; nobody writes to it. Freed nodes are chained and reused before the
 * arrays grow. Not thread-safe.
 */
final class RangeNodes {
  /** No node; also the predecessor of the first. Its upper bound is the pfn before 0. */
  static final int NIL = 0;

  private static final int BOUNDS = 2;
  private static final int FIELDS = 7;
  private static final int LEFT = 0;
  private static final int RIGHT = 1;
  private static final int PARENT = 2;
  private static final int PREVIOUS = 3;
  private static final int HEIGHT = 4;
  private static final int MAX_GAP = 5;
  private static final int MAX_ALIGNED = 6;
  private static final int FIRST_CAPACITY = 32;

  private long[] bounds = new long[FIRST_CAPACITY * BOUNDS];
  private int[] fields = new int[FIRST_CAPACITY * FIELDS];
  private int used = 1;
  private int firstFree = NIL;

  RangeNodes() {
    bounds[1] = -1L;
  }

  /** Returns a node with these bounds and nothing else set. */
  int take(long loPfn, long hiPfn) {
    int node = firstFree;
    if (node != NIL) {
      firstFree = left(node);
    } else {
      if (used * FIELDS == fields.length) {
        grow();
      }
      node = used++;
    }
    bounds[node * BOUNDS] = loPfn;
    bounds[node * BOUNDS + 1] = hiPfn;
    Arrays.fill(fields, node * FIELDS, (node + 1) * FIELDS, 0);
    return node;
  }

  /** Gives a node back; it must not be linked from anywhere. */
  void give(int node) {
    setLeft(node, firstFree);
    firstFree = node;
  }

  private void grow() {
    // By an eighth: doubling would leave half of the memory idle, which is what a range costs.
    int capacity = Math.addExact(used, Math.max(used >> 3, FIRST_CAPACITY));
    bounds = Arrays.copyOf(bounds, Math.multiplyExact(capacity, BOUNDS));
    fields = Arrays.copyOf(fields, Math.multiplyExact(capacity, FIELDS));
  }

  /** Returns the bytes that the arrays take. */
  long heapBytes() {
    return (long) Long.BYTES * bounds.length + (long) Integer.BYTES * fields.length;
  }

  long loPfn(int node) {
    return bounds[node * BOUNDS];
  }

  long hiPfn(int node) {
    return bounds[node * BOUNDS + 1];
  }

  /** Returns the first page of the gap below the node: the one after its predecessor. */
  long floorPfn(int node) {
    return hiPfn(previous(node)) + 1;
  }

  int left(int node) {
    return fields[node * FIELDS + LEFT];
  }

  int right(int node) {
    return fields[node * FIELDS + RIGHT];
  }

  int parent(int node) {
    return fields[node * FIELDS + PARENT];
  }

  /** Returns the next lower node of the whole tree. */
  int previous(int node) {
    return fields[node * FIELDS + PREVIOUS];
  }

  int height(int node) {
    return fields[node * FIELDS + HEIGHT];
  }

  /** Returns the subtree's widest gap in pages, capped; a node's gap is the one below it. */
  int maxGap(int node) {
    return fields[node * FIELDS + MAX_GAP];
  }

  /** Returns the subtree's widest size-aligned room in pages, as {@link Gaps#alignedRoom}. */
  int maxAligned(int node) {
    return fields[node * FIELDS + MAX_ALIGNED];
  }

  void setLoPfn(int node, long loPfn) {
    bounds[node * BOUNDS] = loPfn;
  }

  void setLeft(int node, int left) {
    fields[node * FIELDS + LEFT] = left;
  }

  void setRight(int node, int right) {
    fields[node * FIELDS + RIGHT] = right;
  }

  /** Sets the parent; of no node there is none to set. */
  void setParent(int node, int parent) {
    if (node != NIL) {
      fields[node * FIELDS + PARENT] = parent;
    }
  }

  void setPrevious(int node, int previous) {
    fields[node * FIELDS + PREVIOUS] = previous;
  }

  void setSummary(int node, int height, int maxGap, int maxAligned) {
    int at = node * FIELDS;
    fields[at + HEIGHT] = height;
    fields[at + MAX_GAP] = maxGap;
    fields[at + MAX_ALIGNED] = maxAligned;
  }
}
