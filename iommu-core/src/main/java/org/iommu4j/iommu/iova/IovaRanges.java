package org.iommu4j.iommu.iova;

import static org.iommu4j.iommu.iova.RangeNodes.NIL;

import com.google.common.annotations.VisibleForTesting;
import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.jspecify.annotations.Nullable;

/**
 * The ranges of one domain, with the two places where the kernel starts to search and the hint that
 * saves it searches in vain.
 *
 * <p>A search goes downwards from the range that was placed last, one such place for ranges below 4
 * GiB and one for the others; what lies above is not seen until a free moves the place up again. An
 * anchor above all addresses is the place to start with.
 *
 * <p>Thread-safe: everything is under one lock, the innermost of the package.
 */
final class IovaRanges {
  /** No page frame: nothing was found or placed. */
  static final long NO_PFN = -1L;

  private final long startPfn;
  private final long dma32Pfn;

  private final SpinLock lock = new SpinLock();

  @GuardedBy("lock") private final RangeNodes nodes = new RangeNodes();

  @GuardedBy("lock") private final RangeTree tree = new RangeTree(nodes);

  @GuardedBy("lock") private final GapSearch search = new GapSearch(nodes, tree);

  private final int anchor;

  @GuardedBy("lock") private int cachedNode;

  @GuardedBy("lock") private int cached32Node;

  @GuardedBy("lock") private long max32AllocPages;

  IovaRanges(long startPfn, long dma32Pfn) {
    this.startPfn = startPfn;
    this.dma32Pfn = dma32Pfn;
    max32AllocPages = dma32Pfn;
    anchor = tree.insertFirst(-1L, -1L);
    cachedNode = anchor;
    cached32Node = anchor;
  }

  /**
   * Places a range and returns its first page, or {@link #NO_PFN}.
   *
   * <p>Source: {@code drivers/iommu/iova.c:alloc_iova}, {@code __alloc_and_insert_iova_range}.
   */
  long alloc(long sizePages, long limitPfn, boolean sizeAligned) {
    // Wraps to 0 for the highest limit, which then allows nothing, as in the kernel.
    long endPfn = limitPfn + 1;
    lock.lock();
    try {
      boolean low = !Pfns.below(dma32Pfn, endPfn);
      if (low && !Pfns.below(sizePages, max32AllocPages)) {
        return NO_PFN;
      }
      int above = search.highest(low ? cached32Node : cachedNode, endPfn, sizePages, sizeAligned);
      long pfn = above == NIL ? NO_PFN : search.place(above, endPfn, sizePages, sizeAligned);
      if (above == NIL || Pfns.below(pfn, startPfn)) {
        // Whatever the limit was: a failed search for a high range sets this hint as well.
        max32AllocPages = sizePages;
        return NO_PFN;
      }
      placed(tree.insertBefore(above, pfn, pfn + sizePages - 1));
      return pfn;
    } finally {
      lock.unlock();
    }
  }

  /** Source: {@code drivers/iommu/iova.c:__cached_rbnode_insert_update}. */
  @GuardedBy("lock") private void placed(int node) {
    if (Pfns.below(nodes.hiPfn(node), dma32Pfn)) {
      cached32Node = node;
    } else {
      cachedNode = node;
    }
  }

  /**
   * Frees the range that holds the page; returns whether there was one.
   *
   * <p>Source: {@code drivers/iommu/iova.c:free_iova}.
   */
  boolean free(long pfn) {
    lock.lock();
    try {
      return freeLocked(pfn);
    } finally {
      lock.unlock();
    }
  }

  /** Frees the ranges that hold these pages, one after the other. */
  void freeAll(long[] pfns, int from, int to) {
    lock.lock();
    try {
      for (int i = from; i < to; i++) {
        freeLocked(pfns[i]);
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock") private boolean freeLocked(long pfn) {
    int node = findLocked(pfn);
    if (node == NIL) {
      return false;
    }
    if (node == anchor) {
      throw new IllegalArgumentException(
          "pfn " + Pfns.hex(pfn) + " is not allocated: it lies in the anchor, where space ends");
    }
    erase(node);
    return true;
  }

  /**
   * Source: {@code drivers/iommu/iova.c:private_free_iova}, {@code __cached_rbnode_delete_update}.
   */
  @GuardedBy("lock") private void erase(int node) {
    long loPfn = nodes.loPfn(node);
    boolean moves32 =
        node == cached32Node
            || (Pfns.below(nodes.hiPfn(node), dma32Pfn)
                && !Pfns.below(loPfn, nodes.loPfn(cached32Node)));
    boolean moves = !Pfns.below(loPfn, nodes.loPfn(cachedNode));
    int next = tree.erase(node);
    if (moves32) {
      cached32Node = next;
    }
    if (Pfns.below(loPfn, dma32Pfn)) {
      max32AllocPages = dma32Pfn;
    }
    if (moves) {
      cachedNode = next;
    }
  }

  @GuardedBy("lock") private int findLocked(long pfn) {
    // The last placed ranges are often the first to go.
    if (holds(cached32Node, pfn)) {
      return cached32Node;
    }
    return holds(cachedNode, pfn) ? cachedNode : tree.find(pfn);
  }

  @GuardedBy("lock") private boolean holds(int node, long pfn) {
    return !Pfns.below(pfn, nodes.loPfn(node)) && !Pfns.below(nodes.hiPfn(node), pfn);
  }

  /** Returns the range that holds the page, or null. */
  @Nullable IovaRange find(long pfn) {
    lock.lock();
    try {
      int node = findLocked(pfn);
      return node == NIL ? null : range(node);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock") private IovaRange range(int node) {
    return new IovaRange(nodes.loPfn(node), nodes.hiPfn(node));
  }

  /**
   * Takes pages out of use and returns the range that holds the last of them.
   *
   * <p>A range in the way grows downwards to take in what lies below it, gaps included; only what
   * is left above the last such range becomes a range of its own. No search place moves.
   *
   * <p>Source: {@code drivers/iommu/iova.c:reserve_iova}, {@code __adjust_overlap_range}.
   */
  IovaRange reserve(long loPfn, long hiPfn) {
    lock.lock();
    try {
      long restPfn = loPfn;
      int node = tree.atOrAbove(loPfn);
      while (!Pfns.below(hiPfn, nodes.loPfn(node))) {
        if (Pfns.below(restPfn, nodes.loPfn(node))) {
          tree.setLoPfn(node, restPfn);
        }
        if (!Pfns.below(nodes.hiPfn(node), hiPfn)) {
          return range(node);
        }
        restPfn = nodes.hiPfn(node) + 1;
        node = tree.next(node);
      }
      return range(tree.insertBefore(node, restPfn, hiPfn));
    } finally {
      lock.unlock();
    }
  }

  /** Returns all ranges from the lowest on; the anchor only if a reservation widened it. */
  ImmutableList<IovaRange> snapshot() {
    lock.lock();
    try {
      ImmutableList.Builder<IovaRange> ranges = ImmutableList.builder();
      for (int node = tree.atOrAbove(0); node != NIL; node = tree.next(node)) {
        if (nodes.loPfn(node) != -1L) {
          ranges.add(range(node));
        }
      }
      return ranges.build();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the first page of the range where a search without a 32-bit limit starts. */
  @VisibleForTesting
  long cachedPfn() {
    lock.lock();
    try {
      return nodes.loPfn(cachedNode);
    } finally {
      lock.unlock();
    }
  }

  /** Returns the first page of the range where a search below 4 GiB starts. */
  @VisibleForTesting
  long cached32Pfn() {
    lock.lock();
    try {
      return nodes.loPfn(cached32Node);
    } finally {
      lock.unlock();
    }
  }

  /** Returns the size from which on a search below 4 GiB is not even begun. */
  @VisibleForTesting
  long max32AllocPages() {
    lock.lock();
    try {
      return max32AllocPages;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the bytes of heap that the ranges take. */
  long heapBytes() {
    lock.lock();
    try {
      return nodes.heapBytes();
    } finally {
      lock.unlock();
    }
  }

  /** Throws {@link AssertionError} if the tree is not what it should be. */
  void checkInvariants() {
    lock.lock();
    try {
      RangeTreeCheck.check(nodes, tree);
    } finally {
      lock.unlock();
    }
  }
}
