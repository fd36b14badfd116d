package org.iommu4j.iova;

import static org.iommu4j.iova.RangeBlocks.NO_SLOT;

import com.google.common.annotations.VisibleForTesting;
import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.iommu4j.base.lock.SpinLock;
import org.jspecify.annotations.Nullable;

/**
 * The ranges of one domain, with the two places where the kernel starts to search and the hint that
 * saves it searches in vain.
 *
 * <p>A search knows the range that was placed last, one for ranges below 4 GiB and one for the
 * others; a free moves that place up again. An anchor above all addresses is the place to start
 * with.
 *
 * <p>Thread-safe: everything is under one lock, the innermost of the package.
 */
final class IovaRanges {
  /** No page frame: nothing was found or placed. */
  static final long NO_PFN = -1L;

  private static final long ANCHOR_PFN = -1L;

  private final long dma32Pfn;

  private final SpinLock lock = new SpinLock();

  @GuardedBy("lock") private final RangeBlocks blocks = new RangeBlocks();

  @GuardedBy("lock") private final BlockTree order = new BlockTree(blocks);

  @GuardedBy("lock") private final RangeTree tree = new RangeTree(blocks, order, ANCHOR_PFN, ANCHOR_PFN);

  @GuardedBy("lock") private final GapFinder gaps;

  private final GapSearch search;

  /** The first page of the range to search below, and the slot where it was last seen. */
  @GuardedBy("lock") private long cachedPfn = ANCHOR_PFN;

  @GuardedBy("lock") private int cachedSlot = NO_SLOT;

  /** The same for ranges below 4 GiB. */
  @GuardedBy("lock") private long cached32Pfn = ANCHOR_PFN;

  @GuardedBy("lock") private int cached32Slot = NO_SLOT;

  @GuardedBy("lock") private long max32AllocPages;

  /** Where the range above the one that was freed last has been seen. */
  @GuardedBy("lock") private int aboveFreedSlot = NO_SLOT;

  IovaRanges(long startPfn, long dma32Pfn, GapSearch search) {
    this.search = search;
    this.gaps = new GapFinder(blocks, tree, startPfn);
    this.dma32Pfn = dma32Pfn;
    max32AllocPages = dma32Pfn;
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
      int from = low ? slotOf(cached32Pfn, cached32Slot) : slotOf(cachedPfn, cachedSlot);
      int above = search.find(gaps, from, endPfn, sizePages, sizeAligned);
      if (!gaps.isUsable(above, endPfn, sizePages, sizeAligned)) {
        // Whatever the limit was: a failed search for a high range sets this hint as well.
        max32AllocPages = sizePages;
        return NO_PFN;
      }
      long pfn = gaps.place(above, endPfn, sizePages, sizeAligned);
      long hiPfn = pfn + sizePages - 1;
      searchBelow(tree.insertBefore(above, pfn, hiPfn), Pfns.below(hiPfn, dma32Pfn));
      return pfn;
    } finally {
      lock.unlock();
    }
  }

  /** Source: {@code drivers/iommu/iova.c:__cached_rbnode_insert_update}. */
  @GuardedBy("lock") private void searchBelow(int slot, boolean low) {
    if (low) {
      cached32Pfn = blocks.loPfn(slot);
      cached32Slot = slot;
    } else {
      cachedPfn = blocks.loPfn(slot);
      cachedSlot = slot;
    }
  }

  @GuardedBy("lock") private int slotOf(long loPfn, int lastSeen) {
    return tree.startsAt(lastSeen, loPfn) ? lastSeen : tree.atOrBelow(loPfn);
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

  /**
   * Frees the ranges that hold these pages, one after the other; pages in none are passed over.
   *
   * <p>Source: {@code drivers/iommu/iova.c:iova_magazine_free_pfns}.
   */
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
    int slot = findLocked(pfn);
    if (slot == NO_SLOT) {
      return false;
    }
    if (blocks.hiPfn(slot) == ANCHOR_PFN) {
      throw new IllegalArgumentException(
          "pfn " + Pfns.hex(pfn) + " is not allocated: it lies in the anchor, where space ends");
    }
    erase(slot);
    return true;
  }

  /**
   * Source: {@code drivers/iommu/iova.c:private_free_iova}, {@code __cached_rbnode_delete_update}.
   */
  @GuardedBy("lock") private void erase(int slot) {
    long loPfn = blocks.loPfn(slot);
    boolean endsLow = Pfns.below(blocks.hiPfn(slot), dma32Pfn);
    int next = tree.erase(slot);
    aboveFreedSlot = next;
    if (loPfn == cached32Pfn || (endsLow && !Pfns.below(loPfn, cached32Pfn))) {
      searchBelow(next, true);
    }
    if (Pfns.below(loPfn, dma32Pfn)) {
      max32AllocPages = dma32Pfn;
    }
    if (!Pfns.below(loPfn, cachedPfn)) {
      searchBelow(next, false);
    }
  }

  @GuardedBy("lock") private int findLocked(long pfn) {
    // The range placed last is often the first to go.
    if (tree.startsAt(cached32Slot, pfn)) {
      return cached32Slot;
    }
    if (tree.startsAt(cachedSlot, pfn)) {
      return cachedSlot;
    }
    // Of ranges freed one after the other downwards, as a ring of them is, the next one is here.
    int below = tree.previous(aboveFreedSlot);
    if (tree.startsAt(below, pfn)) {
      return below;
    }
    int slot = tree.atOrBelow(pfn);
    return slot == NO_SLOT || Pfns.below(blocks.hiPfn(slot), pfn) ? NO_SLOT : slot;
  }

  /** Returns the range that holds the page, or null. */
  @Nullable IovaRange find(long pfn) {
    lock.lock();
    try {
      int slot = findLocked(pfn);
      return slot == NO_SLOT ? null : range(slot);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock") private IovaRange range(int slot) {
    return new IovaRange(blocks.loPfn(slot), blocks.hiPfn(slot));
  }

  /**
   * Takes pages out of use and returns the range that holds the last of them.
   *
   * <p>A range in the way grows downwards to take in what lies below it, gaps included; only what
   * is left above the last such range becomes a range of its own. The searches go on from where
   * they were, unless it was a range that grew.
   *
   * <p>Source: {@code drivers/iommu/iova.c:reserve_iova}, {@code __adjust_overlap_range}.
   */
  IovaRange reserve(long loPfn, long hiPfn) {
    lock.lock();
    try {
      long restPfn = loPfn;
      int slot = tree.endingAtOrAbove(loPfn);
      while (!Pfns.below(hiPfn, blocks.loPfn(slot))) {
        if (Pfns.below(restPfn, blocks.loPfn(slot))) {
          growDownTo(slot, restPfn);
        }
        if (!Pfns.below(blocks.hiPfn(slot), hiPfn)) {
          return range(slot);
        }
        restPfn = blocks.hiPfn(slot) + 1;
        slot = tree.next(slot);
      }
      return range(tree.insertBefore(slot, restPfn, hiPfn));
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock") private void growDownTo(int slot, long loPfn) {
    long oldPfn = blocks.loPfn(slot);
    tree.setLoPfn(slot, loPfn);
    if (cachedPfn == oldPfn) {
      cachedPfn = loPfn;
    }
    if (cached32Pfn == oldPfn) {
      cached32Pfn = loPfn;
    }
  }

  /** Returns all ranges from the lowest on; the anchor only if a reservation widened it. */
  ImmutableList<IovaRange> snapshot() {
    lock.lock();
    try {
      ImmutableList.Builder<IovaRange> ranges = ImmutableList.builder();
      for (int slot = tree.first(); slot != NO_SLOT; slot = tree.next(slot)) {
        if (blocks.loPfn(slot) != ANCHOR_PFN) {
          ranges.add(range(slot));
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
      return cachedPfn;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the first page of the range where a search below 4 GiB starts. */
  @VisibleForTesting
  long cached32Pfn() {
    lock.lock();
    try {
      return cached32Pfn;
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
      return blocks.heapBytes();
    } finally {
      lock.unlock();
    }
  }

  /** Throws {@link AssertionError} if the tree is not what it should be. */
  void checkInvariants() {
    lock.lock();
    try {
      RangeTreeCheck.check(blocks, order, tree);
    } finally {
      lock.unlock();
    }
  }
}
