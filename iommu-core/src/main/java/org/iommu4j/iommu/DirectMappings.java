package org.iommu4j.iommu;

import java.util.List;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.paging.DomainPages;
import org.iommu4j.iommu.spi.IommuDomain;

/**
 * Maps what firmware wants a device to reach at all times, but for the pages that are mapped
 * already.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:iommu_create_device_direct_mappings}.
 *
 * @param pages splits runs into pages
 * @param inRuns whether pages that follow each other are mapped at once
 */
record DirectMappings(DomainPages pages, boolean inRuns) {
  private static final int PROTECTION = IommuDomain.READ | IommuDomain.WRITE;

  /** Maps a device's regions in the domain that it is to have, if that is one of the DMA API. */
  void map(IommuDomain domain, List<ReservedRegion> regions, IommuTracepoints told) {
    if (!domain.type().isDmaApi()) {
      return;
    }
    long pageBytes = Long.lowestOneBit(domain.pageSizes());
    for (ReservedRegion region : regions) {
      domain.applyReservedRegion(region);
      if (region.type().isDirect() && !map(domain, region, pageBytes, told)) {
        return;
      }
    }
    domain.flushIotlbAll();
  }

  private boolean map(
      IommuDomain domain, ReservedRegion region, long pageBytes, IommuTracepoints told) {
    long end = alignUp(region.last() + 1, pageBytes);
    long runBytes = 0;
    for (long at = alignUp(region.first(), pageBytes);
        Long.compareUnsigned(at, end) <= 0;
        at += pageBytes) {
      boolean free = at != end && domain.iovaToPhys(at) == 0;
      if (runBytes != 0 && !(free && inRuns)) {
        if (!mapRun(domain, at - runBytes, runBytes, told)) {
          return false;
        }
        runBytes = 0;
      }
      if (at == end) {
        break;
      }
      runBytes += free ? pageBytes : 0;
    }
    return true;
  }

  private boolean mapRun(IommuDomain domain, long start, long sizeBytes, IommuTracepoints told) {
    if (pages.map(domain, start, start, sizeBytes, PROTECTION) != 0) {
      return false;
    }
    domain.iotlbSyncMap(start, sizeBytes);
    told.map(start, start, sizeBytes);
    return true;
  }

  private static long alignUp(long address, long pageBytes) {
    return address + pageBytes - 1 & -pageBytes;
  }
}
