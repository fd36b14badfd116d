package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.IommuDomain.LeafVisitor;
import org.iommu4j.iommu.spi.NoMemoryException;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;

/**
 * A domain's second-level page table in memory: finds entries, and makes the tables on the way to
 * them.
 *
 * <p>Thread-safe for ranges that do not overlap; tables they share are made by whoever comes first.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:pfn_to_dma_pte}.
 */
final class PageTable {
  // The driver drops the one bit that a first-level entry has for itself, and keeps those that no
  // physical address has: drivers/iommu/intel/iommu.c:dma_pte_addr.
  private static final long ADDRESS_BITS = 0x7fff_ffff_ffff_f000L;

  /** No entry: the page is out of reach, or memory for a table ran out. */
  static final long NO_ENTRY = 0;

  private static final int ENTRIES = 1 << TableLevels.STRIDE;
  private static final long SHOWN_BITS =
      SecondLevelEntry.R.mask()
          | SecondLevelEntry.W.mask()
          | SecondLevelEntry.PS.mask()
          | SecondLevelEntry.SNP.mask();

  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final long tableBits;
  private final RecentTables recent = new RecentTables();
  private volatile long rootPhys;
  private volatile int levels;

  private PageTable(
      PhysicalMemory memory, FrameAllocator frames, long rootPhys, int levels, long tableBits) {
    this.tableBits = tableBits;
    this.memory = memory;
    this.frames = frames;
    this.rootPhys = rootPhys;
    this.levels = levels;
  }

  /**
   * Makes an empty table.
   *
   * @throws NoMemoryException if there is no memory for it
   */
  static PageTable empty(PhysicalMemory memory, FrameAllocator frames, int levels) {
    return empty(memory, frames, levels, EntryBits.SECOND_STAGE);
  }

  /** As {@link #empty(PhysicalMemory, FrameAllocator, int)}, with entries of another form. */
  static PageTable empty(PhysicalMemory memory, FrameAllocator frames, int levels, EntryBits form) {
    long rootPhys = frames.allocateZeroed(0, MemoryZone.NORMAL);
    if (rootPhys == FrameAllocator.NONE) {
      throw new NoMemoryException("a domain's page table");
    }
    return new PageTable(memory, frames, rootPhys, levels, form.table());
  }

  PhysicalMemory memory() {
    return memory;
  }

  FrameAllocator frames() {
    return frames;
  }

  long rootPhys() {
    return rootPhys;
  }

  int levels() {
    return levels;
  }

  /** Returns whether the table has entries for a page at all. */
  boolean reaches(long pfn) {
    int bits = TableLevels.STRIDE * levels;
    return bits >= Long.SIZE || pfn >>> bits == 0;
  }

  /**
   * Takes the topmost level away; what its first entry leads to is the table from here on, and what
   * the others lead to is lost.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:prepare_domain_attach_device}.
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // only who attaches the first device calls this
  void dropTopLevel() {
    long first = memory.read64(rootPhys);
    if (SecondLevelEntry.isPresent(first)) {
      frames.free(rootPhys);
      rootPhys = SecondLevelEntry.phys(first);
    }
    levels--;
    recent.forgetAll();
  }

  /** Returns the table that a unit walks which has fewer levels, or {@link #NO_ENTRY}. */
  long rootPhys(int unitLevels) {
    long phys = rootPhys;
    for (int level = levels; level > unitLevels; level--) {
      long first = memory.read64(phys);
      if (!SecondLevelEntry.isPresent(first)) {
        return NO_ENTRY;
      }
      phys = SecondLevelEntry.phys(first);
    }
    return phys;
  }

  /** Returns the physical address of a page's entry of this level, or {@link #NO_ENTRY}. */
  long entryFor(long pfn, int targetLevel) {
    if (!reaches(pfn)) {
      return NO_ENTRY;
    }
    long known = targetLevel == 1 ? recent.find(pfn) : RecentTables.NONE;
    long tablePhys = known != RecentTables.NONE ? known : tableFor(pfn, targetLevel);
    return tablePhys == NO_ENTRY ? NO_ENTRY : TableLevels.entryPhys(tablePhys, pfn, targetLevel);
  }

  /** Returns the table of this level that translates a page; makes those that are missing. */
  private long tableFor(long pfn, int targetLevel) {
    long tablePhys = rootPhys;
    boolean throughLeaf = false;
    for (int level = levels; level > targetLevel; level--) {
      long entryPhys = TableLevels.entryPhys(tablePhys, pfn, level);
      long entry = memory.read64(entryPhys);
      if (!SecondLevelEntry.isPresent(entry)) {
        entry = addTable(entryPhys);
        if (entry == 0) {
          return NO_ENTRY;
        }
      }
      tablePhys = SecondLevelEntry.phys(entry);
      throughLeaf |= SecondLevelEntry.PS.isSet(entry);
      note(pfn, level, entry, throughLeaf);
    }
    return tablePhys;
  }

  /** Returns the lowest-level table that translates a page, or {@link #NO_ENTRY}. */
  long lowestTable(long pfn) {
    long known = recent.find(pfn);
    if (known != RecentTables.NONE) {
      return known;
    }
    long tablePhys = rootPhys;
    boolean throughLeaf = false;
    for (int level = levels; level > 1; level--) {
      long entry = memory.read64(TableLevels.entryPhys(tablePhys, pfn, level));
      if (!SecondLevelEntry.isPresent(entry)) {
        return NO_ENTRY;
      }
      tablePhys = SecondLevelEntry.phys(entry);
      throughLeaf |= SecondLevelEntry.PS.isSet(entry);
      note(pfn, level, entry, throughLeaf);
    }
    return tablePhys;
  }

  // The kernel walks on through a leaf that is in the way as if it were a table; such is not noted,
  // for it may be replaced without being unlinked.
  private void note(long pfn, int level, long entry, boolean throughLeaf) {
    if (level == 2 && !throughLeaf) {
      recent.note(pfn, SecondLevelEntry.phys(entry));
    }
  }

  /** Clears an entry of this level, above the lowest, whether or not it leads to a table. */
  void unlink(long entryPhys, long pfn, int level) {
    memory.write64(entryPhys, 0);
    if (level == 2) {
      recent.forget(pfn);
    } else {
      recent.forgetAll();
    }
  }

  private long addTable(long entryPhys) {
    TableCalls.AllocPgtablePage call = begun(TableCalls.AllocPgtablePage.OFF);
    long tablePhys = frames.allocateZeroed(0, MemoryZone.NORMAL);
    call.done(tablePhys);
    if (tablePhys == FrameAllocator.NONE) {
      return 0;
    }
    long entry = SecondLevelEntry.table(tablePhys, true, true) | tableBits;
    if (memory.compareAndSet64(entryPhys, 0, entry)) {
      return entry;
    }
    frames.free(tablePhys);
    return memory.readVolatile64(entryPhys);
  }

  /**
   * Returns what an I/O address translates to, 0 if to nothing.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_iova_to_phys}.
   */
  long translate(long iova) {
    long pfn = iova >>> PAGE_SHIFT;
    if (!reaches(pfn)) {
      return 0;
    }
    long known = recent.find(pfn);
    long tablePhys = known == RecentTables.NONE ? rootPhys : known;
    for (int level = known == RecentTables.NONE ? levels : 1; ; level--) {
      long entry = memory.read64(TableLevels.entryPhys(tablePhys, pfn, level));
      if (!SecondLevelEntry.isPresent(entry)) {
        return 0;
      }
      if (SecondLevelEntry.isLeaf(entry, level)) {
        return (entry & ADDRESS_BITS) + (iova & SecondLevelEntry.pageBytes(level) - 1);
      }
      tablePhys = SecondLevelEntry.phys(entry);
    }
  }

  /**
   * Returns the level on which the walk to a page ends: at a leaf, or where nothing is mapped.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:pfn_to_dma_pte}, asked for no level.
   */
  int endOfWalk(long pfn) {
    if (recent.find(pfn) != RecentTables.NONE) {
      return 1;
    }
    long tablePhys = rootPhys;
    int level = levels;
    for (; level > 1; level--) {
      long entry = memory.read64(TableLevels.entryPhys(tablePhys, pfn, level));
      if (!SecondLevelEntry.isPresent(entry) || SecondLevelEntry.isLeaf(entry, level)) {
        break;
      }
      tablePhys = SecondLevelEntry.phys(entry);
    }
    return level;
  }

  /** Frees the topmost table; the others must be unlinked. No other call is allowed after it. */
  void freeRoot() {
    frames.free(takeRoot());
  }

  /** As {@link #freeRoot}, but the caller frees what is returned. */
  long takeRoot() {
    long phys = rootPhys;
    rootPhys = NO_ENTRY;
    return phys;
  }

  /** Returns whether the table was freed. */
  boolean isFreed() {
    return rootPhys == NO_ENTRY;
  }

  /** Shows the leaves in the order of their I/O addresses. */
  void visit(LeafVisitor visitor) {
    visit(memory, visitor, rootPhys, levels);
  }

  /** Shows the leaves of the table of this level at an address. */
  static void visit(PhysicalMemory memory, LeafVisitor visitor, long tablePhys, int level) {
    visit(memory, visitor, tablePhys, level, 0);
  }

  private static void visit(
      PhysicalMemory memory, LeafVisitor visitor, long tablePhys, int level, long baseIova) {
    long pageBytes = SecondLevelEntry.pageBytes(level);
    for (int i = 0; i < ENTRIES; i++) {
      long entry = memory.read64(tablePhys + 8L * i);
      long phys = SecondLevelEntry.phys(entry);
      if (!SecondLevelEntry.isPresent(entry)) {
        continue;
      }
      if (SecondLevelEntry.isLeaf(entry, level)) {
        visitor.leaf(baseIova + i * pageBytes, phys, pageBytes, level, entry & SHOWN_BITS);
      } else {
        visit(memory, visitor, phys, level - 1, baseIova + i * pageBytes);
      }
    }
  }
}
