package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.base.Errno;
import org.iommu4j.base.Pages;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.IotlbGather;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;

/**
 * A domain that maps and unmaps runs of pages of one size, and tells the units when its caller says
 * so.
 *
 * <p>Thread-safe for ranges that do not overlap; allocates nothing on the map and unmap paths.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_ops}, from 5.15 on.
 */
final class GatheringVtdDomain extends VtdDomain {
  private final boolean answersOutOfReach;
  private volatile long snoopBit;

  /**
   * Makes a domain that nobody is attached to.
   *
   * @param form which bits the table's entries have
   * @param answersOutOfReach whether a call about addresses beyond the table has an answer, where
   *     else the kernel stops
   */
  GatheringVtdDomain(
      DomainType type,
      SystemServices services,
      FreedTables freed,
      EntryBits form,
      boolean answersOutOfReach) {
    super(type, services, freed, TableRules.GATHERING.withForm(form));
    this.answersOutOfReach = answersOutOfReach;
  }

  /**
   * Returns the sizes that all units have: more than 4 KiB once a device was attached.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_update_iommu_cap}.
   */
  @Override
  public long pageSizes() {
    return attachments().pageSizes();
  }

  @Override
  public int map(long iova, long phys, long sizeBytes, int protection) {
    return (int) Math.min(0, mapPages(iova, phys, sizeBytes, 1, protection));
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_map_pages}. */
  @Override
  public long mapPages(long iova, long phys, long pageBytes, long pages, int protection) {
    checkTable();
    long sizeBytes = pageBytes * pages;
    if (!raiseTo(iova + sizeBytes)) {
      return Errno.EFAULT;
    }
    long iovaPfn = iova >>> PAGE_SHIFT;
    long frames = Pages.touched(phys, sizeBytes);
    if (!reaches(iovaPfn + frames - 1)) {
      return Errno.EINVAL;
    }
    long rights = rights(protection);
    if (rights == 0) {
      return Errno.EINVAL;
    }
    return space().mapUnannounced(iovaPfn, phys >>> PAGE_SHIFT, frames, rights | snoopBit)
        ? sizeBytes
        : Errno.ENOMEM;
  }

  private boolean reaches(long pfn) {
    if (!answersOutOfReach) {
      checkReach(pfn);
    }
    return space().reaches(pfn, pfn);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_iotlb_sync_map}. */
  @Override
  public void iotlbSyncMap(long iova, long sizeBytes) {
    long pages = Pages.touched(iova, sizeBytes);
    if (pages != 0 || !answersOutOfReach) {
      space().announce(iova >>> PAGE_SHIFT, pages);
    }
  }

  @Override
  public long unmap(long iova, long sizeBytes, IotlbGather gather) {
    return unmapPages(iova, sizeBytes, 1, gather);
  }

  /**
   * Unmaps pages and whatever the walk to the first ends at: a larger page, or the whole hole of an
   * entry that is not there, from the page on.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_unmap}.
   */
  @Override
  public long unmapPages(long iova, long pageBytes, long pages, IotlbGather gather) {
    checkTable();
    long startPfn = iova >>> PAGE_SHIFT;
    if (!reaches(startPfn)) {
      return 0;
    }
    long sizeBytes = Math.max(pageBytes * pages, space().entryBytes(startPfn));
    long lastPfn = (iova + sizeBytes - 1) >>> PAGE_SHIFT;
    if (reaches(lastPfn)) {
      long unlinked = space().unmapUnflushed(startPfn, lastPfn, gather.freedTables());
      gather.setFreedTables(unlinked);
    }
    reach().unmapped(iova, iova + sizeBytes);
    if (!gather.isQueued()) {
      gather.addPage(this, iova, sizeBytes);
    }
    return sizeBytes;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_tlb_sync}. */
  @Override
  public void iotlbSync(IotlbGather gather) {
    long first = gather.firstIova();
    long pages = ((gather.lastIova() - first) >>> PAGE_SHIFT) + 1;
    if (!answersOutOfReach) {
      checkCountable(first, pages << PAGE_SHIFT, pages);
    }
    space().flush(first >>> PAGE_SHIFT, pages, gather.freedTables() == FreedTables.EMPTY);
    space().freeTables(gather.freedTables());
  }

  @Override
  public void flushIotlbAll() {
    space().flushAll();
  }

  @Override
  public void freeTables(long freedTables) {
    space().freeTables(freedTables);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_enforce_cache_coherency}. */
  @Override
  public boolean enforceCacheCoherency() {
    if (!attachments().allSnoop()) {
      return false;
    }
    snoopBit = SecondLevelEntry.SNP.mask();
    return true;
  }

  @Override
  boolean isSnoopingForced() {
    return snoopBit != 0;
  }

  /** Does nothing: dma-iommu keeps its addresses itself. */
  @Override
  public void applyReservedRegion(ReservedRegion region) {}
}
