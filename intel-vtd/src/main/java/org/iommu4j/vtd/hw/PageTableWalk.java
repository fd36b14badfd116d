package org.iommu4j.vtd.hw;

import java.util.Arrays;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.jspecify.annotations.Nullable;

/**
 * One walk through second-level page tables, step by step: what the hardware does on a miss of the
 * IOTLB, and what a person sees who asks how an address is translated.
 *
 * <p>Immutable. At each level the right asked for is checked before reserved bits are, and rights
 * are ANDed over the levels. Source: VT-d 3.3 section 3.7.
 */
public final class PageTableWalk {
  private final long iova;
  private final int topLevel;
  private final long[] entryPhys;
  private final long[] entries;
  private final @Nullable FaultReason fault;
  private final boolean readable;
  private final boolean writable;

  private PageTableWalk(Walker walker, @Nullable FaultReason fault) {
    this.iova = walker.iova;
    this.topLevel = walker.topLevel;
    this.entryPhys = Arrays.copyOf(walker.entryPhys, walker.steps);
    this.entries = Arrays.copyOf(walker.entries, walker.steps);
    this.fault = fault;
    this.readable = walker.readable;
    this.writable = walker.writable;
  }

  /**
   * Walks.
   *
   * @param memory where the tables lie
   * @param rules what is reserved in an entry
   * @param tablePhys the physical address of the topmost table
   * @param levels the number of levels, 3 to 5
   * @param iova the address to translate, within the levels' width
   * @param access what the request wants, or null for whatever is granted
   */
  public static PageTableWalk of(
      PhysicalMemory memory,
      PagingRules rules,
      long tablePhys,
      int levels,
      long iova,
      @Nullable Access access) {
    Walker walker = new Walker(iova, levels);
    return new PageTableWalk(walker, walker.walk(memory, rules, tablePhys, access));
  }

  /** Returns the address that was to be translated. */
  public long iova() {
    return iova;
  }

  /** Returns how many entries were read. */
  public int steps() {
    return entries.length;
  }

  /** Returns the level of a step's entry; the first step, 0, is at the topmost level. */
  public int level(int step) {
    return topLevel - step;
  }

  /** Returns the physical address of a step's entry. */
  public long entryPhys(int step) {
    return entryPhys[step];
  }

  /** Returns a step's entry. */
  public long entry(int step) {
    return entries[step];
  }

  /** Returns why the walk ended without a page, or null if it found one. */
  public @Nullable FaultReason fault() {
    return fault;
  }

  /** Returns whether the walk ended without a page for any access: another might get further. */
  boolean refusesAll() {
    boolean denied = fault == Access.READ.denied() || fault == Access.WRITE.denied();
    return fault != null && !(denied && (readable || writable));
  }

  /** Returns the level of the last entry read; the page's, if there was no fault. */
  public int leafLevel() {
    return level(steps() - 1);
  }

  /** Returns the size of the page that was found. */
  public long pageBytes() {
    return SecondLevelEntry.pageBytes(leafLevel());
  }

  /** Returns the physical address of the page that was found. */
  public long pagePhys() {
    return SecondLevelEntry.phys(entries[steps() - 1]) & -pageBytes();
  }

  /** Returns what the address translates to; throws {@link IllegalStateException} after a fault. */
  public long phys() {
    if (fault != null) {
      throw new IllegalStateException(String.format("0x%x is not mapped: %s", iova, fault));
    }
    return pagePhys() | (iova & (pageBytes() - 1));
  }

  /** Returns whether every entry read grants reads. */
  public boolean isReadable() {
    return readable;
  }

  /** Returns whether every entry read grants writes. */
  public boolean isWritable() {
    return writable;
  }

  /** The state of a walk under way. */
  private static final class Walker {
    final long iova;
    final int topLevel;
    final long[] entryPhys;
    final long[] entries;
    int steps;
    boolean readable = true;
    boolean writable = true;

    Walker(long iova, int levels) {
      this.iova = iova;
      this.topLevel = levels;
      this.entryPhys = new long[levels];
      this.entries = new long[levels];
    }

    @Nullable FaultReason walk(
        PhysicalMemory memory, PagingRules rules, long topTablePhys, @Nullable Access access) {
      long tablePhys = topTablePhys;
      for (int level = topLevel; ; level--) {
        long phys = SecondLevelEntry.entryPhys(tablePhys, iova, level);
        long entry = memory.readVolatile64(phys);
        entryPhys[steps] = phys;
        entries[steps++] = entry;
        FaultReason fault = check(memory, rules, phys, entry, level, access);
        if (fault != null) {
          return fault;
        }
        if (SecondLevelEntry.isLeaf(entry, level)) {
          return null;
        }
        tablePhys = SecondLevelEntry.phys(entry);
      }
    }

    private @Nullable FaultReason check(
        PhysicalMemory memory,
        PagingRules rules,
        long phys,
        long entry,
        int level,
        @Nullable Access access) {
      if (entry == -1 && !memory.isRam(phys)) {
        return level == topLevel
            ? FaultReason.CONTEXT_INVALID
            : FaultReason.PAGE_TABLE_INACCESSIBLE;
      }
      readable &= SecondLevelEntry.R.isSet(entry);
      writable &= SecondLevelEntry.W.isSet(entry);
      FaultReason denied = denied(access);
      if (denied != null) {
        return denied;
      }
      return rules.reservedBits(entry, level) == 0 ? null : FaultReason.PAGE_TABLE_RESERVED;
    }

    private @Nullable FaultReason denied(@Nullable Access access) {
      if (access == null) {
        return readable || writable ? null : FaultReason.READ_DENIED;
      }
      return (access == Access.READ ? readable : writable) ? null : access.denied();
    }
  }
}
