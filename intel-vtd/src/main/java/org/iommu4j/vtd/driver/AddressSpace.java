package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.iommu4j.base.trace.KernelCall.begun;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iova.IovaDomain;
import org.iommu4j.iova.IovaFlushQueue;
import org.iommu4j.vtd.policy.AddressWidths;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a domain: its page table, what is free in it, and the caches that hold parts of
 * it.
 *
 * <p>Thread-safe for ranges that do not overlap. The map and unmap paths take no lock here.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct dmar_domain}, {@code pgd} and {@code iovad}.
 */
final class AddressSpace {
  private static final long START_PFN = 1;

  private final AddressReach reach;
  private final DomainAttachments attachments;
  private final PageTable table;
  private final PageMapper mapper;
  private final PageTableTrimmer trimmer;
  private final FreedTables freed;
  private final @Nullable IovaDomain iova;
  private final @Nullable IovaFlushQueue flushQueue;
  private final CachingDevices cachingDevices = new CachingDevices();

  /**
   * Makes an empty address space.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:md_domain_init}, {@code intel_init_iova_domain}.
   *
   * @param reserved the addresses that are not handed out; null if none are, for the owner of the
   *     domain maps what it likes
   * @param queued whether unmapping leaves the hardware to a later flush
   */
  AddressSpace(
      AddressReach reach,
      DomainAttachments attachments,
      SystemServices services,
      FreedTables freed,
      @Nullable IovaDomain reserved,
      boolean queued) {
    this.reach = reach;
    this.attachments = attachments;
    this.freed = freed;
    int levels = AddressWidths.agawToLevels(AddressWidths.widthToAgaw(AddressWidths.DEFAULT_WIDTH));
    this.table = PageTable.empty(services.memory(), services.frames(), levels);
    this.trimmer = new PageTableTrimmer(table, freed);
    this.mapper = new PageMapper(table, trimmer, services.log());
    this.iova = reserved == null ? null : freeAddresses(reserved, services);
    this.flushQueue =
        iova != null && queued
            ? new IovaFlushQueue(iova, services.timers(), this::flushAll, freed::free)
            : null;
  }

  private static IovaDomain freeAddresses(IovaDomain reserved, SystemServices services) {
    IovaDomain free =
        new IovaDomain(services.rules().iova(), PAGE_BYTES, START_PFN, services.cpus());
    free.copyReservedFrom(reserved);
    return free;
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

  /** Returns whether addresses are handed out, for the DMA API. */
  boolean handsOut() {
    return iova != null;
  }

  /**
   * Returns the addresses that are handed out.
   *
   * @throws IllegalArgumentException if none are, where the kernel follows a null pointer
   */
  IovaDomain iova() {
    IovaDomain handedOut = iova;
    if (handedOut == null) {
      throw new IllegalArgumentException(
          "the device is attached to a domain of somebody's own: the kernel does not survive its"
              + " driver's mapping or unmapping there");
    }
    return handedOut;
  }

  /** Returns the queue of unmapped addresses; null if unmapping is strict. */
  @Nullable IovaFlushQueue flushQueue() {
    return flushQueue;
  }

  /** Returns the devices that are flushed with the units. */
  CachingDevices cachingDevices() {
    return cachingDevices;
  }

  /** Returns the units that hold parts of the table in their caches. */
  ImmutableList<DomainUnit> units() {
    return attachments.units();
  }

  /** Returns the highest I/O address that is translated. */
  long maxIova() {
    return reach.maxIova();
  }

  /**
   * Maps pages and tells the units.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_mapping}.
   */
  boolean mapPages(long iovaPfn, long physPfn, long pages, long rights) {
    MapCalls.DomainPfnMapping call = begun(MapCalls.DomainPfnMapping.OFF);
    boolean mapped = mapUnannounced(iovaPfn, physPfn, pages, rights);
    if (mapped) {
      notifyMapped(iovaPfn, pages);
    }
    call.done(iovaPfn, physPfn, pages, rights, mapped ? 0 : Errno.ENOMEM);
    return mapped;
  }

  /** Maps pages of which the units are told later. */
  boolean mapUnannounced(long iovaPfn, long physPfn, long pages, long rights) {
    return mapper.map(iovaPfn, physPfn, pages, rights, attachments.superpageLevels());
  }

  /** As {@link #mapUnannounced}, for a piece of a list: see {@link PageMapper#mapFrom}. */
  long mapPiece(long nextPhys, long iovaPfn, long physPfn, long pages, long rights) {
    return mapper.mapFrom(nextPhys, iovaPfn, physPfn, pages, rights, attachments.superpageLevels());
  }

  /** Tells the units of pages that were not mapped before. */
  void notifyMapped(long iovaPfn, long pages) {
    ImmutableList<DomainUnit> all = attachments.units();
    for (int i = 0; i < all.size(); i++) {
      all.get(i).notifyMapped(iovaPfn, pages);
    }
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:iommu_flush_iova}. */
  private void flushAll() {
    UnmapCalls.FlushIova call = begun(UnmapCalls.FlushIova.OFF);
    ImmutableList<DomainUnit> all = attachments.units();
    for (int i = 0; i < all.size(); i++) {
      all.get(i).flushAll();
      if (!all.get(i).unit().cachingMode()) {
        cachingDevices.flushAll();
      }
    }
    call.done();
  }

  /**
   * Makes a unit forget pages that were unmapped, and the devices that cache what units answer.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:iommu_flush_iotlb_psi}.
   *
   * @param leavesOnly whether tables above the leaves are as they were
   */
  void flushPages(DomainUnit unit, long pfn, long pages, boolean leavesOnly) {
    unit.flushPages(pfn, pages, leavesOnly);
    cachingDevices.flush(pfn, pages);
  }

  /** Gives all memory back; nothing may be mapped or looked up from here on. */
  void free() {
    if (flushQueue != null) {
      flushQueue.close();
    }
    if (!table.isFreed()) {
      freed.free(trimmer.unmap(0, maxIova() >>> PAGE_SHIFT));
      table.freeRoot();
    }
  }
}
