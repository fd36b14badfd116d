package org.iommu4j.vtd.driver;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.iommu4j.iommu.iova.IovaDomain;
import org.iommu4j.iommu.iova.IovaFlushQueue;
import org.iommu4j.iommu.policy.DomainType;
import org.iommu4j.iommu.policy.ReservedRegion;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.iommu4j.vtd.policy.AddressWidths;
import org.jspecify.annotations.Nullable;

/**
 * A domain: its page table, the addresses that are free in it, and the units that its devices are
 * under.
 *
 * <p>Thread-safe for ranges that do not overlap. The map and unmap paths take no lock here.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct dmar_domain}.
 */
final class VtdDomain implements IommuDomain {
  private static final long START_PFN = 1;
  private static final int ENOMEM = -12;
  private static final int EFAULT = -14;
  private static final int ENOSPC = -28;

  private final DomainType type;
  private final PageTable table;
  private final PageMapper mapper;
  private final PageTableTrimmer trimmer;
  private final FreedTables freed;
  private final IovaDomain iova;
  private final @Nullable IovaFlushQueue flushQueue;

  @GuardedBy("this") private final Map<VtdUnit, Integer> attachments = new LinkedHashMap<>();

  @GuardedBy("this") private long maxAddress;

  private volatile ImmutableList<DomainUnit> units = ImmutableList.of();
  private volatile int widthBits = AddressWidths.DEFAULT_WIDTH;
  private volatile int superpageLevels;

  /**
   * Makes a domain that nobody is attached to.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:md_domain_init}, {@code intel_init_iova_domain}.
   *
   * @param reserved the addresses that no domain hands out
   * @param strict whether unmapping waits for the hardware
   */
  VtdDomain(
      DomainType type,
      SystemServices services,
      FreedTables freed,
      @Nullable IovaDomain reserved,
      boolean strict) {
    this.type = type;
    this.freed = freed;
    int levels = AddressWidths.agawToLevels(AddressWidths.widthToAgaw(AddressWidths.DEFAULT_WIDTH));
    this.table = PageTable.empty(services.memory(), services.frames(), levels);
    this.trimmer = new PageTableTrimmer(table, freed);
    this.mapper = new PageMapper(table, trimmer);
    this.iova = new IovaDomain(Pages.BYTES, START_PFN, services.cpus());
    if (reserved != null) {
      iova.copyReservedFrom(reserved);
    }
    this.flushQueue =
        strict || type != DomainType.DMA
            ? null
            : new IovaFlushQueue(iova, services.timers(), this::flushAll, freed::free);
  }

  @Override
  public DomainType type() {
    return type;
  }

  PageTable table() {
    return table;
  }

  PageTableTrimmer trimmer() {
    return trimmer;
  }

  FreedTables freed() {
    return freed;
  }

  IovaDomain iova() {
    return iova;
  }

  /** Returns the queue of unmapped addresses; null if unmapping is strict. */
  @Nullable IovaFlushQueue flushQueue() {
    return flushQueue;
  }

  /** Returns the units that the domain has devices under. */
  ImmutableList<DomainUnit> units() {
    return units;
  }

  /** Returns the highest I/O address that the domain translates. */
  long maxIova() {
    return (1L << widthBits) - 1;
  }

  /** Returns how many levels above the lowest may have leaves. */
  int superpageLevels() {
    return superpageLevels;
  }

  /**
   * Maps pages and tells the units.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_mapping}.
   */
  boolean mapPages(long iovaPfn, long physPfn, long pages, long rights) {
    IntelCalls.DomainPfnMapping call = IntelCalls.DomainPfnMapping.begun();
    boolean mapped = mapper.map(iovaPfn, physPfn, pages, rights, superpageLevels);
    if (mapped) {
      notifyMapped(iovaPfn, pages);
    }
    call.done(iovaPfn, physPfn, pages, rights, mapped ? 0 : ENOMEM);
    return mapped;
  }

  /** Maps pages of which the units are told later. */
  boolean mapUnannounced(long iovaPfn, long physPfn, long pages, long rights) {
    return mapper.map(iovaPfn, physPfn, pages, rights, superpageLevels);
  }

  /** As {@link #mapUnannounced}, for a piece of a list: see {@link PageMapper#mapFrom}. */
  long mapPiece(long nextPhys, long iovaPfn, long physPfn, long pages, long rights) {
    return mapper.mapFrom(nextPhys, iovaPfn, physPfn, pages, rights, superpageLevels);
  }

  /** Tells the units of pages that were not mapped before. */
  void notifyMapped(long iovaPfn, long pages) {
    ImmutableList<DomainUnit> all = units;
    for (int i = 0; i < all.size(); i++) {
      all.get(i).notifyMapped(iovaPfn, pages);
    }
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:iommu_flush_iova}. */
  private void flushAll() {
    IntelCalls.FlushIova call = IntelCalls.FlushIova.begun();
    ImmutableList<DomainUnit> all = units;
    for (int i = 0; i < all.size(); i++) {
      all.get(i).flushAll();
    }
    call.done();
  }

  /**
   * Makes the table fit a unit, before a device under it is attached.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:prepare_domain_attach_device}.
   *
   * @return 0 or a negative error number
   */
  synchronized int fit(VtdUnit unit) {
    int bits = unit.facts().addressBits();
    if (bits < Long.SIZE && Long.compareUnsigned(maxAddress, 1L << bits) > 0) {
      return EFAULT;
    }
    widthBits = bits;
    while (AddressWidths.agawToLevels(unit.facts().agaw()) < table.levels()) {
      table.dropTopLevel();
    }
    return 0;
  }

  /**
   * Notes one more device under a unit.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_attach_iommu}.
   *
   * @param commonSuperpageLevels how many levels above the lowest have leaves in all units
   * @return 0 or a negative error number
   */
  synchronized int attachUnit(VtdUnit unit, int commonSuperpageLevels) {
    if (attachments.merge(unit, 1, Integer::sum) > 1) {
      return 0;
    }
    int id = unit.allocateDomainId();
    if (id == 0) {
      attachments.remove(unit);
      return ENOSPC;
    }
    units =
        ImmutableList.sortedCopyOf(
            (a, b) -> Integer.compare(a.unit().facts().sequenceId(), b.unit().facts().sequenceId()),
            ImmutableList.<DomainUnit>builder()
                .addAll(units)
                .add(new DomainUnit(unit, id))
                .build());
    superpageLevels = commonSuperpageLevels;
    return 0;
  }

  /** Returns the domain's id in a unit that it is attached to. */
  int idIn(VtdUnit unit) {
    for (DomainUnit attached : units) {
      if (attached.unit() == unit) {
        return attached.domainId();
      }
    }
    throw new AssertionError("the domain has no device under " + unit.facts().name());
  }

  /** Returns the context entry of this domain's devices under a unit. */
  ContextEntry contextEntry(VtdUnit unit, boolean passThrough) {
    int id = idIn(unit);
    if (passThrough) {
      int levels = AddressWidths.agawToLevels(unit.facts().maxAgaw());
      return ContextEntry.of(ContextEntry.TT_PASS_THROUGH, 0, levels, id);
    }
    int levels = Math.min(table.levels(), AddressWidths.agawToLevels(unit.facts().agaw()));
    return ContextEntry.of(ContextEntry.TT_UNTRANSLATED, table.rootPhys(levels), levels, id);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_map}. */
  @Override
  public int map(long iovaAddress, long phys, long sizeBytes, int protection) {
    synchronized (this) {
      long end = iovaAddress + sizeBytes;
      if (Long.compareUnsigned(end, maxAddress) > 0) {
        if (Long.compareUnsigned(end - 1, maxIova()) > 0) {
          return EFAULT;
        }
        maxAddress = end;
      }
    }
    long rights =
        ((protection & READ) != 0 ? SecondLevelEntry.R.mask() : 0)
            | ((protection & WRITE) != 0 ? SecondLevelEntry.W.mask() : 0);
    long pages = Pages.touched(phys, sizeBytes);
    return mapPages(iovaAddress >>> Pages.SHIFT, phys >>> Pages.SHIFT, pages, rights) ? 0 : ENOMEM;
  }

  @Override
  public long iovaToPhys(long iovaAddress) {
    return table.translate(iovaAddress);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_apply_resv_region}. */
  @Override
  public void applyReservedRegion(ReservedRegion region) {
    iova.reserve(region.first() >>> Pages.SHIFT, region.last() >>> Pages.SHIFT);
  }

  @Override
  public void visit(LeafVisitor visitor) {
    table.visit(visitor);
  }
}
