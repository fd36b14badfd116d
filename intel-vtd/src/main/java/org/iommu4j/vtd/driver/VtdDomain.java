package org.iommu4j.vtd.driver;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.iova.IovaDomain;
import org.iommu4j.iommu.iova.IovaFlushQueue;
import org.iommu4j.iommu.pci.PciDevice;
import org.iommu4j.iommu.policy.DomainType;
import org.iommu4j.iommu.policy.ReservedRegion;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.Errno;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;
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

  private final DomainType type;
  private final PageTable table;
  private final PageMapper mapper;
  private final PageTableTrimmer trimmer;
  private final FreedTables freed;
  private final IovaDomain iova;
  private final @Nullable IovaFlushQueue flushQueue;
  private final CachingDevices cachingDevices = new CachingDevices();
  private final Consumer<String> log;

  @GuardedBy("this") private final Map<VtdUnit, Integer> attachments = new LinkedHashMap<>();

  @GuardedBy("this") private final Map<Device, PciDevice> members = new LinkedHashMap<>();

  @GuardedBy("this") private long maxAddress;

  private volatile ImmutableList<DomainUnit> units = ImmutableList.of();

  private volatile int widthBits = AddressWidths.DEFAULT_WIDTH;
  private volatile int superpageLevels;
  private volatile boolean snooping;
  private volatile DomainGeometry geometry;

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
    this.log = services.log();
    this.mapper = new PageMapper(table, trimmer, log);
    this.geometry =
        new DomainGeometry(
            0, type == DomainType.IDENTITY ? 0 : maxIova(), type != DomainType.IDENTITY);
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
    call.done(iovaPfn, physPfn, pages, rights, mapped ? 0 : Errno.ENOMEM);
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

  /** Returns the devices that are flushed with the domain. */
  CachingDevices cachingDevices() {
    return cachingDevices;
  }

  /**
   * Makes the table fit a unit, before a device under it is attached.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:prepare_domain_attach_device}.
   *
   * @return whether the unit reaches all that is mapped
   */
  synchronized boolean fit(VtdUnit unit) {
    int bits = unit.facts().addressBits();
    if (bits < Long.SIZE && Long.compareUnsigned(maxAddress, 1L << bits) > 0) {
      return false;
    }
    widthBits = bits;
    while (AddressWidths.agawToLevels(unit.facts().agaw()) < table.levels()) {
      table.dropTopLevel();
    }
    return true;
  }

  /** Returns the end of the highest mapping, exclusive, as the kernel keeps it. */
  synchronized long maxAddress() {
    return maxAddress;
  }

  /**
   * Notes one more device under a unit.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_attach_iommu}.
   *
   * @param commonSuperpageLevels how many levels above the lowest have leaves in all units
   * @param commonSnooping whether all units can make accesses snoop
   * @return whether the unit had an id for the domain
   */
  synchronized boolean attach(
      VtdUnit unit,
      PciDevice pci,
      Device device,
      int commonSuperpageLevels,
      boolean commonSnooping) {
    if (!attachments.containsKey(unit)) {
      int id = unit.allocateDomainId();
      if (id == 0) {
        return false;
      }
      units = withUnit(new DomainUnit(unit, id));
      superpageLevels = commonSuperpageLevels;
      snooping = commonSnooping;
      geometry = new DomainGeometry(0, maxIova(), geometry.forced());
    }
    attachments.merge(unit, 1, Integer::sum);
    members.put(device, pci);
    return true;
  }

  private ImmutableList<DomainUnit> withUnit(DomainUnit added) {
    return ImmutableList.sortedCopyOf(
        Comparator.comparingInt(attached -> attached.unit().facts().sequenceId()),
        ImmutableList.<DomainUnit>builder().addAll(units).add(added).build());
  }

  /**
   * Notes one device less under a unit; without any the domain's id there is free again.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_detach_iommu}.
   */
  synchronized void detach(VtdUnit unit, Device device) {
    members.remove(device);
    if (attachments.merge(unit, -1, Integer::sum) == 0) {
      attachments.remove(unit);
      unit.freeDomainId(idIn(unit));
      units =
          units.stream()
              .filter(attached -> attached.unit() != unit)
              .collect(ImmutableList.toImmutableList());
      geometry = new DomainGeometry(0, maxIova(), geometry.forced());
    }
  }

  /** Returns the devices that are attached. */
  synchronized ImmutableMap<Device, PciDevice> members() {
    return ImmutableMap.copyOf(members);
  }

  /** Gives all memory back; nothing may be mapped or looked up from here on. */
  void free() {
    if (flushQueue != null) {
      flushQueue.close();
    }
    if (!table.isFreed()) {
      freed.free(trimmer.unmap(0, maxIova() >>> Pages.SHIFT));
      table.freeRoot();
    }
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
  ContextEntry contextEntry(VtdUnit unit, int translationType) {
    int id = idIn(unit);
    if (translationType == ContextEntry.TT_PASS_THROUGH) {
      int levels = AddressWidths.agawToLevels(unit.facts().maxAgaw());
      return ContextEntry.of(ContextEntry.TT_PASS_THROUGH, 0, levels, id);
    }
    int levels = Math.min(table.levels(), AddressWidths.agawToLevels(unit.facts().agaw()));
    return ContextEntry.of(translationType, table.rootPhys(levels), levels, id);
  }

  /** Returns all sizes from 4 KiB up: the driver splits what the hardware has no pages for. */
  @Override
  public long pageSizes() {
    return -Pages.BYTES;
  }

  @Override
  public DomainGeometry geometry() {
    return geometry;
  }

  /**
   * Refuses two stages, which need scalable mode, and all else.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_domain_set_attr}.
   */
  @Override
  public int setAttribute(DomainAttribute attribute, int value) {
    return type == DomainType.UNMANAGED && attribute == DomainAttribute.NESTING
        ? Errno.ENODEV
        : Errno.EINVAL;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_map}. */
  @Override
  public int map(long iovaAddress, long phys, long sizeBytes, int protection) {
    checkTable();
    long end = iovaAddress + sizeBytes;
    if (!raiseMaxAddress(end)) {
      log.accept(
          String.format(
              "DMAR: intel_iommu_map: iommu width (%d) is not sufficient for the mapped address"
                  + " (%x)",
              widthBits, end));
      return Errno.EFAULT;
    }
    long pages = Pages.touched(phys, sizeBytes);
    long iovaPfn = iovaAddress >>> Pages.SHIFT;
    checkReach(iovaPfn + pages - 1);
    long rights = rights(protection);
    if (rights == 0) {
      return Errno.EINVAL;
    }
    boolean snoops = snooping && (protection & CACHE) != 0;
    return mapPages(
            iovaPfn,
            phys >>> Pages.SHIFT,
            pages,
            snoops ? rights | SecondLevelEntry.SNP.mask() : rights)
        ? 0
        : Errno.ENOMEM;
  }

  private static long rights(int protection) {
    return ((protection & READ) != 0 ? SecondLevelEntry.R.mask() : 0)
        | ((protection & WRITE) != 0 ? SecondLevelEntry.W.mask() : 0);
  }

  private synchronized boolean raiseMaxAddress(long end) {
    if (Long.compareUnsigned(end, maxAddress) > 0) {
      if (Long.compareUnsigned(end, maxIova() + 1) > 0) {
        return false;
      }
      maxAddress = end;
    }
    return true;
  }

  /**
   * Unmaps a page and whatever the walk to it ends at: a larger page, or the whole hole of an entry
   * that is not there, from the page on.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_unmap}.
   */
  @Override
  public long unmap(long iovaAddress, long sizeBytes, IotlbGather gather) {
    checkTable();
    long startPfn = iovaAddress >>> Pages.SHIFT;
    checkReach(startPfn);
    long entryBytes = Pages.inEntry(table.endOfWalk(startPfn)) << Pages.SHIFT;
    long size = Math.max(sizeBytes, entryBytes);
    long lastPfn = (iovaAddress + size - 1) >>> Pages.SHIFT;
    checkReach(lastPfn);
    long pages = lastPfn - startPfn + 1;
    if ((int) pages == 0 && !units.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              "0x%x, 0x%x bytes: the number of pages does not fit 32 bits, where the kernel stops"
                  + " at an assertion",
              iovaAddress, size));
    }
    long unlinked = trimmer.unmap(startPfn, lastPfn);
    boolean all = startPfn == 0 && lastPfn == maxIova() >>> Pages.SHIFT;
    for (DomainUnit attached : units) {
      flushPages(attached, startPfn, pages, unlinked == FreedTables.EMPTY && !all);
    }
    freed.free(unlinked);
    if (all) {
      table.freeRoot();
    }
    synchronized (this) {
      if (maxAddress == iovaAddress + size) {
        maxAddress = iovaAddress;
      }
    }
    return size;
  }

  private void checkReach(long pfn) {
    if (!table.reaches(pfn)) {
      throw new IllegalArgumentException(
          String.format(
              "0x%x lies beyond the %d levels of the domain's table, where the kernel stops at an"
                  + " assertion",
              pfn << Pages.SHIFT, table.levels()));
    }
  }

  private void checkTable() {
    if (table.isFreed()) {
      throw new IllegalStateException(
          "the domain has no page table: it was freed, or all of it was unmapped at once");
    }
  }

  @Override
  public long iovaToPhys(long iovaAddress) {
    checkTable();
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
