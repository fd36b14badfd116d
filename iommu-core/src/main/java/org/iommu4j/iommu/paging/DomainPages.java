package org.iommu4j.iommu.paging;

import java.util.function.Consumer;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;

/**
 * Splits ranges into pages of sizes that a domain supports, and maps and unmaps those. Immutable;
 * as thread-safe as the domains.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:__iommu_map}, {@code __iommu_unmap}.
 */
public final class DomainPages {
  private final Consumer<String> log;

  /**
   * Makes the calls of one system.
   *
   * @param log takes the kernel's lines
   */
  public DomainPages(Consumer<String> log) {
    this.log = log;
  }

  private static boolean isPaged(IommuDomain domain) {
    DomainType type = domain.type();
    return type == DomainType.DMA || type == DomainType.DMA_FQ || type == DomainType.UNMANAGED;
  }

  /** Returns 0 or a negative error number; after an error nothing is mapped. */
  public int map(IommuDomain domain, long iova, long phys, long sizeBytes, int protection) {
    long pageSizes = domain.pageSizes();
    if (!isPaged(domain)) {
      return Errno.EINVAL;
    }
    if (pageSizes == 0) {
      return Errno.ENODEV;
    }
    long leastBytes = Long.lowestOneBit(pageSizes);
    if (((iova | phys | sizeBytes) & leastBytes - 1) != 0) {
      log.accept(
          String.format(
              "iommu: unaligned: iova 0x%x pa 0x%016x size 0x%x min_pagesz 0x%x",
              iova, phys, sizeBytes, (int) leastBytes));
      return Errno.EINVAL;
    }
    long doneBytes = 0;
    while (doneBytes != sizeBytes) {
      long at = iova + doneBytes;
      long from = phys + doneBytes;
      long leftBytes = sizeBytes - doneBytes;
      long pageBytes = pageBytes(pageSizes, at | from, leftBytes);
      long pages = pages(pageSizes, pageBytes, at, from, leftBytes);
      long mappedBytes = domain.mapPages(at, from, pageBytes, pages, protection);
      if (mappedBytes <= 0) {
        unmap(domain, iova, doneBytes);
        return (int) mappedBytes;
      }
      doneBytes += mappedBytes;
    }
    return 0;
  }

  /**
   * Returns the largest page size that fits an address and what is left.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_pgsize}.
   *
   * @param merged the addresses that the page must be aligned at, or-ed
   */
  private static long pageBytes(long pageSizes, long merged, long leftBytes) {
    long largest = Long.highestOneBit(leftBytes);
    long aligned = Long.lowestOneBit(merged);
    if (merged != 0 && Long.compareUnsigned(aligned, largest) < 0) {
      largest = aligned;
    }
    long fitting = pageSizes & (largest << 1) - 1;
    if (fitting == 0) {
      throw new AssertionError(String.format("no page of 0x%x fits 0x%x", pageSizes, merged));
    }
    return Long.highestOneBit(fitting);
  }

  /**
   * Returns how many pages of a size come before a larger page fits.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_pgsize}.
   */
  private static long pages(long pageSizes, long pageBytes, long iova, long phys, long leftBytes) {
    long nextBytes = Long.lowestOneBit(pageSizes & -pageBytes << 1);
    long runBytes = leftBytes;
    if (nextBytes != 0 && ((iova ^ phys) & nextBytes - 1) == 0) {
      long toNextBytes = nextBytes - (iova & nextBytes - 1);
      long endBytes = toNextBytes + nextBytes;
      if (endBytes > 0 && Long.compareUnsigned(endBytes, leftBytes) <= 0) {
        runBytes = toNextBytes;
      }
    }
    return runBytes >>> Long.numberOfTrailingZeros(pageBytes);
  }

  /** Returns how many bytes were mapped: all, or 0 after an error, when nothing is mapped. */
  public long mapSg(IommuDomain domain, long iova, ScatterList list, int protection) {
    long mappedBytes = 0;
    int entries = list.size();
    for (int i = 0; i < entries; ) {
      long phys = list.phys(i);
      long runBytes = list.lengthBytes(i++);
      while (i < entries && list.phys(i) == phys + runBytes) {
        runBytes += list.lengthBytes(i++);
      }
      if (map(domain, iova + mappedBytes, phys, runBytes, protection) != 0) {
        unmap(domain, iova, mappedBytes);
        return 0;
      }
      mappedBytes += runBytes;
    }
    domain.iotlbSyncMap(iova, mappedBytes);
    return mappedBytes;
  }

  /** Unmaps and flushes; returns how many bytes were unmapped. */
  public long unmap(IommuDomain domain, long iova, long sizeBytes) {
    IotlbGather gather = new IotlbGather();
    long unmappedBytes = unmap(domain, iova, sizeBytes, gather);
    domain.iotlbSync(gather);
    return unmappedBytes;
  }

  /** Unmaps without a flush; returns how many bytes were unmapped. */
  public long unmap(IommuDomain domain, long iova, long sizeBytes, IotlbGather gather) {
    long pageSizes = domain.pageSizes();
    if (pageSizes == 0 || !isPaged(domain)) {
      return 0;
    }
    long leastBytes = Long.lowestOneBit(pageSizes);
    if (((iova | sizeBytes) & leastBytes - 1) != 0) {
      log.accept(
          String.format(
              "iommu: unaligned: iova 0x%x size 0x%x min_pagesz 0x%x",
              iova, sizeBytes, (int) leastBytes));
      return 0;
    }
    long doneBytes = 0;
    while (Long.compareUnsigned(doneBytes, sizeBytes) < 0) {
      long at = iova + doneBytes;
      long pageBytes = pageBytes(pageSizes, at, sizeBytes - doneBytes);
      long pages = pages(pageSizes, pageBytes, at, at, sizeBytes - doneBytes);
      long unmappedBytes = domain.unmapPages(at, pageBytes, pages, gather);
      if (unmappedBytes == 0) {
        break;
      }
      doneBytes += unmappedBytes;
    }
    return doneBytes;
  }
}
