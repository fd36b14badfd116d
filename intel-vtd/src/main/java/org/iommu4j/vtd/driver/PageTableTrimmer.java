package org.iommu4j.vtd.driver;

import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.base.Pages;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;

/**
 * Clears leaves, and takes tables away that a range makes empty. Immutable; as thread-safe as the
 * table.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_unmap}, {@code dma_pte_free_pagetable}.
 */
final class PageTableTrimmer {
  private static final int ENTRIES = 1 << TableLevels.STRIDE;

  private final PageTable table;
  private final PhysicalMemory memory;
  private final FreedTables freed;
  private final boolean stepsByEntries;

  PageTableTrimmer(PageTable table, FreedTables freed) {
    this(table, freed, TableRules.EAGER);
  }

  PageTableTrimmer(PageTable table, FreedTables freed, TableRules rules) {
    this.stepsByEntries = rules.stepsByEntries();
    this.table = table;
    this.memory = table.memory();
    this.freed = freed;
  }

  /**
   * Clears what maps a range of pages.
   *
   * @return the tables that are no longer linked, a list of {@link FreedTables}
   */
  long unmap(long startPfn, long lastPfn) {
    return unmap(startPfn, lastPfn, FreedTables.EMPTY);
  }

  /** As {@link #unmap(long, long)}; the tables come before those of a list. */
  long unmap(long startPfn, long lastPfn, long listed) {
    TableCalls.DomainUnmap call = begun(TableCalls.DomainUnmap.OFF);
    long unlinked = clearAndUnlink(startPfn, lastPfn, listed);
    call.done(startPfn, lastPfn);
    return unlinked;
  }

  private long clearAndUnlink(long startPfn, long lastPfn, long listed) {
    if (startPfn >>> TableLevels.STRIDE == lastPfn >>> TableLevels.STRIDE
        && lastPfn - startPfn < ENTRIES - 1) {
      clearWithinTable(startPfn, lastPfn);
      return listed;
    }
    int level = table.levels();
    long tablePhys = table.rootPhys();
    long tablePfn = 0;
    while (isPartOfEntry(startPfn, lastPfn, level)) {
      long entry = memory.read64(TableLevels.entryPhys(tablePhys, startPfn, level));
      if (!SecondLevelEntry.isPresent(entry)) {
        return listed;
      }
      tablePhys = SecondLevelEntry.phys(entry);
      tablePfn = startPfn & -TableLevels.pagesInEntry(level);
      level--;
    }
    return clear(level, tablePhys, tablePfn, startPfn, lastPfn, listed);
  }

  /** Returns whether one entry of this level translates a range and more. */
  private static boolean isPartOfEntry(long startPfn, long lastPfn, int level) {
    long step = TableLevels.pagesInEntry(level);
    return ((startPfn ^ lastPfn) & -step) == 0 && lastPfn - startPfn < step - 1;
  }

  // The usual case: no table is covered, and only one has the leaves.
  private void clearWithinTable(long startPfn, long lastPfn) {
    long tablePhys = table.lowestTable(startPfn);
    if (tablePhys == PageTable.NO_ENTRY) {
      return;
    }
    long startPhys = TableLevels.entryPhys(tablePhys, startPfn, 1);
    int count = (int) (lastPfn - startPfn) + 1;
    memory.clearWords(startPhys, count, SecondLevelEntry.PRESENT);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:dma_pte_clear_level}. */
  private long clear(
      int level, long tablePhys, long tablePfn, long startPfn, long lastPfn, long unlinked) {
    long list = unlinked;
    long step = TableLevels.pagesInEntry(level);
    long pfn = Math.max(startPfn, tablePfn);
    int first = TableLevels.index(pfn, level);
    pfn = stepsByEntries ? pfn & -step : pfn;
    for (int i = first; i < ENTRIES && pfn <= lastPfn; i++, pfn += step) {
      long entryPhys = tablePhys + 8L * i;
      long entry = memory.read64(entryPhys);
      if (!SecondLevelEntry.isPresent(entry)) {
        continue;
      }
      long entryPfn = pfn & -step;
      if (startPfn <= entryPfn && lastPfn >= entryPfn + step - 1) {
        if (SecondLevelEntry.isLeaf(entry, level)) {
          clearLeaf(entryPhys, pfn, level);
        } else {
          list = listTables(level - 1, SecondLevelEntry.phys(entry), list);
          table.unlink(entryPhys, pfn, level);
        }
      } else if (level > 1) {
        list = clear(level - 1, SecondLevelEntry.phys(entry), entryPfn, startPfn, lastPfn, list);
      }
    }
    return list;
  }

  // What the kernel maps over a leaf of 1 GiB it writes into the memory mapped there, and looks for
  // tables there too: none of those must be remembered.
  private void clearLeaf(long entryPhys, long pfn, int level) {
    if (level > 2) {
      table.unlink(entryPhys, pfn, level);
    } else {
      memory.write64(entryPhys, 0);
    }
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:dma_pte_list_pagetables}. */
  private long listTables(int level, long tablePhys, long unlinked) {
    long list = freed.push(unlinked, tablePhys);
    for (int i = 0; level > 1 && i < ENTRIES; i++) {
      long entry = memory.read64(tablePhys + 8L * i);
      if (SecondLevelEntry.isPresent(entry) && !SecondLevelEntry.isLeaf(entry, level)) {
        list = listTables(level - 1, SecondLevelEntry.phys(entry), list);
      }
    }
    return list;
  }

  /**
   * Clears the leaves of a range and frees, at once, the tables below a level that it covers.
   *
   * @param retainLevel the lowest level whose tables stay
   */
  void freeTables(long startPfn, long lastPfn, int retainLevel) {
    clearLeaves(startPfn, lastPfn);
    freeBelow(table.levels(), retainLevel, table.rootPhys(), 0, startPfn, lastPfn);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:dma_pte_clear_range}. */
  void clearLeaves(long startPfn, long lastPfn) {
    long pfn = startPfn;
    do {
      pfn = clearTable(pfn, lastPfn);
    } while (pfn != 0 && pfn <= lastPfn);
  }

  /** Clears the entries from a page on that lie in one table; returns the page to go on with. */
  private long clearTable(long startPfn, long lastPfn) {
    long pfn = startPfn;
    int level = table.levels();
    long entryPhys = TableLevels.entryPhys(table.rootPhys(), pfn, level);
    for (long entry; level > 1; entryPhys = TableLevels.entryPhys(phys(entry), pfn, level)) {
      entry = memory.read64(entryPhys);
      if (!SecondLevelEntry.isPresent(entry)) {
        // The kernel goes on after the whole table, and not after the absent entry.
        return (pfn | TableLevels.pagesInEntry(level + 1) - 1) + 1;
      }
      if (SecondLevelEntry.PS.isSet(entry)) {
        break;
      }
      level--;
    }
    do {
      // Among large leaves the kernel clears what leads to a table as well.
      if (level > 1) {
        table.unlink(entryPhys, pfn, level);
      } else {
        memory.write64(entryPhys, 0);
      }
      entryPhys += SecondLevelEntry.BYTES;
      pfn += TableLevels.pagesInEntry(level);
    } while (pfn <= lastPfn && !Pages.isAligned(entryPhys));
    return pfn;
  }

  private static long phys(long entry) {
    return SecondLevelEntry.phys(entry);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:dma_pte_free_level}. */
  private void freeBelow(
      int level, int retainLevel, long tablePhys, long tablePfn, long startPfn, long lastPfn) {
    long step = TableLevels.pagesInEntry(level);
    long pfn = Math.max(startPfn, tablePfn);
    for (int i = TableLevels.index(pfn, level); i < ENTRIES && pfn <= lastPfn; i++, pfn += step) {
      long entryPhys = tablePhys + 8L * i;
      long entry = memory.read64(entryPhys);
      if (!SecondLevelEntry.isPresent(entry) || SecondLevelEntry.isLeaf(entry, level)) {
        continue;
      }
      long entryPfn = pfn & -step;
      if (level > 2) {
        freeBelow(
            level - 1, retainLevel, SecondLevelEntry.phys(entry), entryPfn, startPfn, lastPfn);
      }
      if (level < retainLevel && startPfn <= entryPfn && lastPfn >= entryPfn + step - 1) {
        table.unlink(entryPhys, pfn, level);
        table.frames().free(SecondLevelEntry.phys(entry));
      }
    }
  }
}
