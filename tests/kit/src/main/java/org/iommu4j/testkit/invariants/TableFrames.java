package org.iommu4j.testkit.invariants;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which page tables the kernel keeps below the root of a domain's page table. Not thread-safe.
 *
 * <p>A table is made for the first mapping that needs it. It goes when one unmapping covers all
 * that it could translate, or when a large page takes its place; else it stays, empty or not, until
 * the domain goes. So "everything back" means: exactly these tables and no other frame.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:dma_pte_clear_level}, {@code __domain_mapping}.
 */
final class TableFrames {
  private static final int STRIDE = 9;
  private static final long LARGE_PAGES = 1L << STRIDE;

  private final boolean largePages;

  /** By level, from the tables that hold 4 KiB pages on, the first page of each divided by size. */
  private final List<Set<Long>> tables = new ArrayList<>();

  TableFrames(int levels, boolean largePages) {
    this.largePages = largePages;
    for (int level = 1; level < levels; level++) {
      tables.add(new TreeSet<>());
    }
  }

  private static long indexOf(long pfn, int level) {
    return pfn >>> (STRIDE * level);
  }

  void mapped(long iovaPfn, long physPfn, long pages) {
    for (long done = 0; done < pages; ) {
      boolean large =
          largePages
              && ((iovaPfn + done) | (physPfn + done)) % LARGE_PAGES == 0
              && pages - done >= LARGE_PAGES;
      for (int level = large ? 2 : 1; level <= tables.size(); level++) {
        tables.get(level - 1).add(indexOf(iovaPfn + done, level));
      }
      if (large) {
        tables.get(0).remove(indexOf(iovaPfn + done, 1));
      }
      done += large ? LARGE_PAGES : 1;
    }
  }

  void unmapped(long iovaPfn, long pages) {
    for (int level = 1; level <= tables.size(); level++) {
      int shift = STRIDE * level;
      tables
          .get(level - 1)
          .removeIf(
              index -> index << shift >= iovaPfn && ((index + 1) << shift) <= iovaPfn + pages);
    }
  }

  long count() {
    return tables.stream().mapToLong(Set::size).sum();
  }
}
