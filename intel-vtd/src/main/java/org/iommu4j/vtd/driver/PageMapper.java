package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.function.Consumer;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;

/**
 * Writes the leaves of a page table. Immutable; as thread-safe as the table.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:__domain_mapping}.
 */
final class PageMapper {
  /** No entry is known; no address of one, for it is odd. */
  static final long NOWHERE = -1;

  private static final int ENTRIES = 1 << TableLevels.STRIDE;

  // Linux 5.10 sets the present bit of first-level entries in all leaves, and that is where a
  // second-level one has R: no mapping is for writing alone.
  private static final long ALWAYS = SecondLevelEntry.R.mask();

  private final PageTable table;
  private final PageTableTrimmer trimmer;
  private final PhysicalMemory memory;
  private final EntryBits form;
  private final Replacement replacement;
  private final Consumer<String> log;

  /** Is told of pages that large ones take the place of. */
  @FunctionalInterface
  interface Replacement {
    /** Nobody is told. */
    Replacement UNTOLD = (pfn, pages) -> {};

    /** Called when the pages are no longer mapped. */
    void replaced(long pfn, long pages);
  }

  PageMapper(PageTable table, PageTableTrimmer trimmer, Consumer<String> log) {
    this(table, trimmer, EntryBits.SECOND_STAGE, Replacement.UNTOLD, log);
  }

  PageMapper(
      PageTable table,
      PageTableTrimmer trimmer,
      EntryBits form,
      Replacement replacement,
      Consumer<String> log) {
    this.table = table;
    this.trimmer = trimmer;
    this.form = form;
    this.replacement = replacement;
    this.memory = table.memory();
    this.log = log;
  }

  /**
   * Maps pages, with the largest leaves that alignment and size allow.
   *
   * @param rights the bits R, W and SNP of a leaf
   * @param superpageLevels how many levels above the lowest may have leaves
   * @return whether it was done; if not, some pages may be mapped
   */
  boolean map(long iovaPfn, long physPfn, long pages, long rights, int superpageLevels) {
    return mapFrom(NOWHERE, iovaPfn, physPfn, pages, rights, superpageLevels) != PageTable.NO_ENTRY;
  }

  /**
   * As {@link #map}, for a piece after another.
   *
   * @param nextPhys what this returned for the piece that ends where this one begins, or {@link
   *     #NOWHERE}
   * @return where the lowest level's entry of the next page is if it is in the same table, {@link
   *     #NOWHERE} if not, {@link PageTable#NO_ENTRY} if the piece was not mapped
   */
  long mapFrom(
      long nextPhys, long iovaPfn, long physPfn, long pages, long rights, int superpageLevels) {
    long knownPhys = nextPhys;
    for (long done = 0; done < pages; ) {
      long left = pages - done;
      int level = leafLevel(iovaPfn + done | physPfn + done, left, superpageLevels);
      boolean known = level == 1 && knownPhys != NOWHERE;
      long entryPhys = known ? knownPhys : table.entryFor(iovaPfn + done, level);
      if (entryPhys == PageTable.NO_ENTRY) {
        return PageTable.NO_ENTRY;
      }
      long step = TableLevels.pagesInEntry(level);
      int run = (int) Math.min(left / step, ENTRIES - TableLevels.index(iovaPfn + done, level));
      if (level > 1 && !isEmpty(entryPhys, run)) {
        long mapped = left / step * step;
        trimmer.freeTables(iovaPfn + done, iovaPfn + done + mapped - 1, level + 1);
        replacement.replaced(iovaPfn + done, mapped);
      }
      write(entryPhys, leaf(physPfn + done, level, rights), step, run, iovaPfn + done);
      done += run * step;
      long nextEntryPhys = entryPhys + 8L * run;
      knownPhys = level == 1 && !Pages.isAligned(nextEntryPhys) ? nextEntryPhys : NOWHERE;
    }
    return knownPhys;
  }

  private long leaf(long physPfn, int level, long rights) {
    long large = level > 1 ? SecondLevelEntry.PS.mask() : 0;
    return physPfn << PAGE_SHIFT | rights | ALWAYS | large | form.ofLeaf(rights);
  }

  private boolean isEmpty(long entryPhys, int run) {
    for (int i = 0; i < run; i++) {
      if (memory.read64(entryPhys + 8L * i) != 0) {
        return false;
      }
    }
    return true;
  }

  private void write(long entryPhys, long first, long stepPages, int run, long iovaPfn) {
    long stepBytes = stepPages << PAGE_SHIFT;
    int done = 0;
    while (true) {
      done +=
          memory.setZeroWords(
              entryPhys + 8L * done, run - done, first + done * stepBytes, stepBytes);
      if (done >= run) {
        return;
      }
      // A leaf that is in the way stays, and the kernel goes on as if it were not.
      complain(iovaPfn + done * stepPages, entryPhys + 8L * done, first + done * stepBytes);
      done++;
    }
  }

  private void complain(long iovaPfn, long entryPhys, long leaf) {
    log.accept(
        String.format(
            "DMAR: ERROR: DMA PTE for vPFN 0x%x already set (to %x not %x)",
            iovaPfn, memory.read64(entryPhys), leaf));
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:hardware_largepage_caps}. */
  private static int leafLevel(long merged, long pages, int superpageLevels) {
    int level = 1;
    while (level <= superpageLevels
        && (merged & TableLevels.pagesInEntry(level + 1) - 1) == 0
        && pages >= TableLevels.pagesInEntry(level + 1)) {
      level++;
    }
    return level;
  }
}
