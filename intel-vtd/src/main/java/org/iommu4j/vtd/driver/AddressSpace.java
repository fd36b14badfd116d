package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.iommu4j.base.trace.KernelCall.begun;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.spi.IommuDomain.LeafVisitor;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.iommu4j.vtd.policy.AddressWidths;

/**
 * The addresses of a domain: its page table, and the caches that hold parts of it. What is mapped
 * here is unmapped here.
 *
 * <p>Thread-safe for ranges that do not overlap. The map and unmap paths take no lock here.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct dmar_domain}, {@code pgd}.
 */
public final class AddressSpace {
  /** What {@link #mapPiece} takes for the first piece of a list. */
  public static final long FIRST_PIECE = PageMapper.NOWHERE;

  /** What {@link #mapPiece} returns if memory for a table ran out. */
  public static final long NOT_MAPPED = PageTable.NO_ENTRY;

  private static final long IDENTITY_RIGHTS = SecondLevelEntry.R.mask() | SecondLevelEntry.W.mask();

  private final AddressReach reach;
  private final DomainAttachments attachments;
  private final PageTable table;
  private final PageMapper mapper;
  private final PageTableTrimmer trimmer;
  private final FreedTables freed;
  private final CachingDevices cachingDevices = new CachingDevices();

  /**
   * Makes an empty address space.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:md_domain_init}.
   *
   * @param rules how the page table is cleared
   */
  AddressSpace(
      AddressReach reach,
      DomainAttachments attachments,
      SystemServices services,
      FreedTables freed,
      TableRules rules) {
    this.reach = reach;
    this.attachments = attachments;
    this.freed = freed;
    int levels = AddressWidths.agawToLevels(AddressWidths.widthToAgaw(AddressWidths.DEFAULT_WIDTH));
    this.table = PageTable.empty(services.memory(), services.frames(), levels, rules.form());
    this.trimmer = new PageTableTrimmer(table, freed, rules);
    PageMapper.Replacement replaced =
        rules.flushesReplaced()
            ? (pfn, pages) -> flush(pfn, pages, false)
            : PageMapper.Replacement.UNTOLD;
    this.mapper = new PageMapper(table, trimmer, rules.form(), replaced, services.log());
  }

  /** Returns the highest I/O address that is translated. */
  public long maxIova() {
    return reach.maxIova();
  }

  /** Returns whether the page table has entries for all pages of a range. */
  public boolean reaches(long firstPfn, long lastPfn) {
    return table.reaches(firstPfn) && table.reaches(lastPfn);
  }

  /**
   * Maps pages and tells the units.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_mapping}.
   *
   * @param rights the bits R, W and SNP of a leaf
   * @return whether it was done; if not, for want of memory, some pages may be mapped
   */
  public boolean map(long iovaPfn, long physPfn, long pages, long rights) {
    TableCalls.DomainPfnMapping call = begun(TableCalls.DomainPfnMapping.OFF);
    boolean mapped = mapUnannounced(iovaPfn, physPfn, pages, rights);
    if (mapped) {
      announce(iovaPfn, pages);
    }
    call.done(iovaPfn, physPfn, pages, rights, mapped ? 0 : Errno.ENOMEM);
    return mapped;
  }

  /** As {@link #map}, but {@link #announce} tells the units. */
  boolean mapUnannounced(long iovaPfn, long physPfn, long pages, long rights) {
    return mapper.map(iovaPfn, physPfn, pages, rights, attachments.superpageLevels());
  }

  /**
   * Maps a piece of a list right after the piece before it; {@link #announce} tells the units of
   * all pieces, or {@link #unmapPieces} undoes them.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:__domain_mapping}.
   *
   * @param previous what this returned for the piece before, or {@link #FIRST_PIECE}
   * @return what the next piece is to be given, or {@link #NOT_MAPPED}
   */
  public long mapPiece(long previous, long iovaPfn, long physPfn, long pages, long rights) {
    return mapper.mapFrom(previous, iovaPfn, physPfn, pages, rights, attachments.superpageLevels());
  }

  /** Tells the units of pages that were not mapped before. */
  public void announce(long iovaPfn, long pages) {
    ImmutableList<DomainUnit> all = attachments.units();
    for (int i = 0; i < all.size(); i++) {
      all.get(i).notifyMapped(iovaPfn, pages);
    }
  }

  /**
   * Unmaps pieces that no unit was told of, and frees the tables that they alone had.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:dma_pte_free_pagetable}.
   */
  public void unmapPieces(long iovaPfn, long pages) {
    trimmer.freeTables(iovaPfn, iovaPfn + pages - 1, table.levels() + 1);
  }

  /**
   * Maps memory one to one, over whatever is mapped there; the units are not told.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:iommu_domain_identity_map}.
   */
  void mapIdentity(long firstPfn, long lastPfn) {
    trimmer.clearLeaves(firstPfn, lastPfn);
    mapUnannounced(firstPfn, firstPfn, lastPfn - firstPfn + 1, IDENTITY_RIGHTS);
  }

  /**
   * Unmaps pages, and makes the first unit forget them, and the devices that cache what units
   * answer: the kernel asks no other.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_unmap}.
   */
  public void unmap(long pfn, long pages) {
    long unlinked = trimmer.unmap(pfn, pfn + pages - 1);
    ImmutableList<DomainUnit> units = attachments.units();
    if (!units.isEmpty()) {
      flushPages(units.get(0), pfn, pages, unlinked == FreedTables.EMPTY);
    }
    freed.free(unlinked);
  }

  /**
   * Unmaps pages that the hardware may still know until {@link #flushAll}.
   *
   * @return the tables that are then to be given to {@link #freeTables}
   */
  public long unmapUnflushed(long pfn, long pages) {
    return trimmer.unmap(pfn, pfn + pages - 1);
  }

  /**
   * Unmaps pages that the hardware may still know until {@link #flush}; the page table goes too if
   * this is all of it.
   *
   * @param unlinked tables that wait already, or {@link FreedTables#EMPTY}
   * @return these and the tables that go as well
   */
  long unmapUnflushed(long startPfn, long lastPfn, long unlinked) {
    long list = trimmer.unmap(startPfn, lastPfn, unlinked);
    if (startPfn == 0 && lastPfn == maxIova() >>> PAGE_SHIFT) {
      list = freed.push(list, table.takeRoot());
    }
    return list;
  }

  /**
   * Makes all units forget pages that {@link #unmapUnflushed} took away.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_tlb_sync}.
   *
   * @param leavesOnly whether no table was taken away with them
   */
  public void flush(long pfn, long pages, boolean leavesOnly) {
    ImmutableList<DomainUnit> all = attachments.units();
    for (int i = 0; i < all.size(); i++) {
      flushPages(all.get(i), pfn, pages, leavesOnly);
    }
  }

  /** Frees tables that {@link #unmapUnflushed} returned, once no unit can know of them. */
  public void freeTables(long unlinked) {
    freed.free(unlinked);
  }

  /**
   * Unmaps pages and makes all units forget them; the page table goes too if this is all of it.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_unmap}.
   */
  void unmapInAllUnits(long startPfn, long lastPfn) {
    long unlinked = trimmer.unmap(startPfn, lastPfn);
    boolean all = startPfn == 0 && lastPfn == maxIova() >>> PAGE_SHIFT;
    for (DomainUnit attached : attachments.units()) {
      boolean leavesOnly = unlinked == FreedTables.EMPTY && !all;
      flushPages(attached, startPfn, lastPfn - startPfn + 1, leavesOnly);
    }
    freed.free(unlinked);
    if (all) {
      table.freeRoot();
    }
  }

  /**
   * Makes all units and the devices that cache what units answer forget the domain.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:iommu_flush_iova}.
   */
  public void flushAll() {
    ImmutableList<DomainUnit> all = attachments.units();
    for (int i = 0; i < all.size(); i++) {
      all.get(i).flushAll();
      if (!all.get(i).unit().cachingMode()) {
        cachingDevices.flushAll();
      }
    }
  }

  // drivers/iommu/intel/iommu.c:iommu_flush_iotlb_psi
  private void flushPages(DomainUnit unit, long pfn, long pages, boolean leavesOnly) {
    unit.flushPages(pfn, pages, leavesOnly);
    cachingDevices.flush(pfn, pages);
  }

  /** Adds a device that caches what its unit answers, and is flushed with it from here on. */
  void addCache(CachingDevice device) {
    cachingDevices.add(device);
  }

  /** Flushes a device no longer; nothing happens if it caches nothing. */
  void removeCache(VtdUnit unit, int sourceId) {
    cachingDevices.remove(unit, sourceId);
  }

  /** Returns the number of the page table's levels. */
  int levels() {
    return table.levels();
  }

  /**
   * Takes topmost levels away until no more are left than a unit walks; see {@link
   * PageTable#dropTopLevel}.
   */
  void limitLevels(int unitLevels) {
    while (unitLevels < table.levels()) {
      table.dropTopLevel();
    }
  }

  /** Returns the table that a unit walks which has so many levels. */
  long rootPhys(int unitLevels) {
    return table.rootPhys(unitLevels);
  }

  /** Returns how many bytes the entry maps that the walk to a page ends at, there or not. */
  long entryBytes(long pfn) {
    return TableLevels.pagesInEntry(table.endOfWalk(pfn)) << PAGE_SHIFT;
  }

  /** Returns what an I/O address translates to, 0 if to nothing. */
  long translate(long iova) {
    return table.translate(iova);
  }

  /** Shows the leaves in the order of their I/O addresses. */
  void visit(LeafVisitor visitor) {
    table.visit(visitor);
  }

  /** Returns whether the page table was freed, after which nothing may be mapped or looked up. */
  boolean isFreed() {
    return table.isFreed();
  }

  /** Gives all memory back. */
  void free() {
    if (!table.isFreed()) {
      freed.free(trimmer.unmap(0, maxIova() >>> PAGE_SHIFT));
      table.freeRoot();
    }
  }
}
