package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.base.Errno;
import org.iommu4j.base.Pages;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.IotlbGather;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.jspecify.annotations.Nullable;

/**
 * A domain that tells the units of what it maps and unmaps before a call returns.
 *
 * <p>Thread-safe for ranges that do not overlap. The DMA API maps in its {@link AddressSpace} by
 * way of its {@link IovaCookie}.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_ops}, of 5.10.
 */
final class EagerVtdDomain extends VtdDomain {
  private final @Nullable IovaCookie cookie;

  /**
   * Makes a domain that nobody is attached to.
   *
   * @param cookies make what hands its addresses out; null if its owner maps it
   */
  EagerVtdDomain(
      DomainType type,
      SystemServices services,
      FreedTables freed,
      IovaCookie.@Nullable Factory cookies) {
    super(type, services, freed, TableRules.EAGER);
    this.cookie = cookies == null ? null : cookies.of(space());
  }

  @Override
  @Nullable IovaCookie cookie() {
    return cookie;
  }

  /** Returns all sizes from 4 KiB up: the driver splits what the hardware has no pages for. */
  @Override
  public long pageSizes() {
    return -PAGE_BYTES;
  }

  /**
   * Refuses two stages, which need scalable mode, and all else.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_domain_set_attr}.
   */
  @Override
  public int setAttribute(DomainAttribute attribute, int value) {
    return type() == DomainType.UNMANAGED && attribute == DomainAttribute.NESTING
        ? Errno.ENODEV
        : Errno.EINVAL;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_map}. */
  @Override
  public int map(long iova, long phys, long sizeBytes, int protection) {
    checkTable();
    long end = iova + sizeBytes;
    if (!raiseTo(end)) {
      return Errno.EFAULT;
    }
    long pages = Pages.touched(phys, sizeBytes);
    long iovaPfn = iova >>> PAGE_SHIFT;
    checkReach(iovaPfn + pages - 1);
    long rights = rights(protection);
    if (rights == 0) {
      return Errno.EINVAL;
    }
    boolean snoops = attachments().snooping() && (protection & CACHE) != 0;
    return space()
            .map(
                iovaPfn,
                phys >>> PAGE_SHIFT,
                pages,
                snoops ? rights | SecondLevelEntry.SNP.mask() : rights)
        ? 0
        : Errno.ENOMEM;
  }

  /**
   * Unmaps a page and whatever the walk to it ends at: a larger page, or the whole hole of an entry
   * that is not there, from the page on.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_unmap}.
   */
  @Override
  public long unmap(long iova, long sizeBytes, IotlbGather gather) {
    checkTable();
    long startPfn = iova >>> PAGE_SHIFT;
    checkReach(startPfn);
    long size = Math.max(sizeBytes, space().entryBytes(startPfn));
    long lastPfn = (iova + size - 1) >>> PAGE_SHIFT;
    checkReach(lastPfn);
    checkCountable(iova, size, lastPfn - startPfn + 1);
    space().unmapInAllUnits(startPfn, lastPfn);
    reach().unmapped(iova, iova + size);
    return size;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_apply_resv_region}. */
  @Override
  public void applyReservedRegion(ReservedRegion region) {
    IovaCookie.required(cookie)
        .reserve(region.first() >>> PAGE_SHIFT, region.last() >>> PAGE_SHIFT);
  }

  @Override
  void free() {
    if (cookie != null) {
      cookie.close();
    }
    super.free();
  }
}
