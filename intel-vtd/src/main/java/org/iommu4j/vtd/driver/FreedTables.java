package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;
import org.iommu4j.dma.FrameAllocator;

/**
 * Lists of page tables that are unlinked and must not be reused before the hardware has forgotten
 * them. A list is a number, so that it fits where the flush queue keeps one; 0 is the empty list.
 *
 * <p>The links are kept beside the frames, because the hardware may still be reading those.
 * Thread-safe; allocates nothing once it has grown.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:dma_pte_list_pagetables}, {@code
 * dma_free_pagelist}.
 */
final class FreedTables {
  static final long EMPTY = 0;

  private final FrameAllocator frames;

  @GuardedBy("this") private long[] tablePhys = new long[16];

  @GuardedBy("this") private int[] next = new int[16];

  @GuardedBy("this") private int used = 1;

  @GuardedBy("this") private int spare;

  FreedTables(FrameAllocator frames) {
    this.frames = frames;
  }

  /** Returns the list with one more table in front. */
  synchronized long push(long list, long phys) {
    int node = spare;
    if (node != 0) {
      spare = next[node];
    } else {
      node = used++;
      if (node == tablePhys.length) {
        tablePhys = Arrays.copyOf(tablePhys, 2 * node);
        next = Arrays.copyOf(next, 2 * node);
      }
    }
    tablePhys[node] = phys;
    next[node] = (int) list;
    return node;
  }

  /** Gives all tables of a list back; the list is no more. */
  void free(long list) {
    if (list != EMPTY) {
      freeAll((int) list);
    }
  }

  private synchronized void freeAll(int list) {
    for (int node = list; node != 0; ) {
      frames.free(tablePhys[node]);
      int following = next[node];
      next[node] = spare;
      spare = node;
      node = following;
    }
  }
}
