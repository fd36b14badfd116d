package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.base.Pages;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;

/**
 * A unit that a domain has devices under, and the domain's id there. Immutable; thread-safe.
 *
 * @param unit the unit
 * @param domainId the id that tags the domain's translations in the unit's caches
 * @param firstStage whether the domain's table is one in the processor's form
 */
record DomainUnit(VtdUnit unit, int domainId, boolean firstStage) {
  /** The address space of requests that name none: {@code PASID_RID2PASID}. */
  private static final int NO_PASID = 0;

  /** The largest mask that a request for pages of an address space has. */
  private static final int MAX_MASK = 52;

  /**
   * Makes the unit forget the translations of some pages.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:iommu_flush_iotlb_psi}.
   *
   * @param pages how many; {@link IllegalArgumentException} if none, where the kernel stops
   * @param leavesOnly whether tables above the leaves are as they were
   */
  void flushPages(long pfn, long pages, boolean leavesOnly) {
    if (pages == 0) {
      throw new IllegalArgumentException(
          String.format("no pages to forget at 0x%x", pfn << PAGE_SHIFT));
    }
    TableCalls.FlushIotlbPsi call = begun(TableCalls.FlushIotlbPsi.OFF);
    int mask = addressMask(pfn, pages);
    if (firstStage && mask <= MAX_MASK) {
      unit.invalidation()
          .addressSpacePages(domainId, NO_PASID, pfn << PAGE_SHIFT, mask, leavesOnly);
    } else if (firstStage || !unit.pageSelective() || mask > unit.maxAddressMask()) {
      flushAll();
    } else {
      unit.invalidation()
          .iotlb(Granularity.SELECTIVE, domainId, pfn << PAGE_SHIFT, mask, leavesOnly);
    }
    call.done(unit.facts(), pfn, pages, leavesOnly);
  }

  /** Makes the unit forget all translations of the domain. */
  void flushAll() {
    if (firstStage) {
      unit.invalidation().addressSpace(domainId, NO_PASID);
    } else {
      unit.invalidation().iotlb(Granularity.DOMAIN, domainId, 0, 0, false);
    }
  }

  /**
   * Tells the unit of pages that were not mapped before.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:__mapping_notify_one}.
   */
  void notifyMapped(long pfn, long pages) {
    if (unit.cachingMode() && !firstStage) {
      flushPages(pfn, pages, false);
    } else {
      unit.flushWriteBuffer();
    }
  }

  /**
   * Returns the binary logarithm of the smallest aligned block of pages that holds a range.
   *
   * <p>The hardware ignores as many low bits of the first page's number as the mask says, so a
   * range that is not aligned to its size needs a larger mask.
   */
  static int addressMask(long pfn, long pages) {
    long aligned = Pages.roundUpToPowerOfTwo(pages);
    if ((pfn & aligned - 1) == 0) {
      return Long.numberOfTrailingZeros(aligned);
    }
    long lastPfn = pfn + pages - 1;
    long shared = ~(pfn ^ lastPfn) & -aligned;
    return shared == 0 ? Long.SIZE : Long.numberOfTrailingZeros(shared);
  }
}
