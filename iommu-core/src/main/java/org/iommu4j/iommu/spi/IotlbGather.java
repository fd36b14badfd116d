package org.iommu4j.iommu.spi;

/**
 * A range of addresses whose translations are still to be flushed, gathered while pages are
 * unmapped. Not thread-safe; reusable.
 *
 * <p>Source: {@code include/linux/iommu.h:struct iommu_iotlb_gather}.
 */
public final class IotlbGather {
  private long firstIova;
  private long lastIova;
  private long pageBytes;

  /** Makes an empty one. */
  public IotlbGather() {
    reset();
  }

  /**
   * Forgets what was gathered, as after a flush.
   *
   * <p>Source: {@code include/linux/iommu.h:iommu_iotlb_gather_init}.
   */
  public void reset() {
    firstIova = -1;
    lastIova = 0;
    pageBytes = 0;
  }

  /** Returns whether nothing was gathered. */
  public boolean isEmpty() {
    return pageBytes == 0;
  }

  /** Returns the lowest address gathered; all ones if there is none. */
  public long firstIova() {
    return firstIova;
  }

  /** Returns the highest address gathered, inclusive. */
  public long lastIova() {
    return lastIova;
  }

  /** Returns the size of the pages gathered; 0 if there are none. */
  public long pageBytes() {
    return pageBytes;
  }

  /**
   * Adds a page. One that does not touch what was gathered, or has another size, makes the domain
   * flush that first.
   *
   * <p>Source: {@code include/linux/iommu.h:iommu_iotlb_gather_add_page}.
   */
  public void addPage(IommuDomain domain, long iova, long sizeBytes) {
    long last = iova + sizeBytes - 1;
    if (pageBytes != sizeBytes || isApart(iova, last)) {
      if (pageBytes != 0) {
        domain.iotlbSync(this);
        reset();
      }
      pageBytes = sizeBytes;
    }
    if (Long.compareUnsigned(lastIova, last) < 0) {
      lastIova = last;
    }
    if (Long.compareUnsigned(firstIova, iova) > 0) {
      firstIova = iova;
    }
  }

  private boolean isApart(long first, long last) {
    return Long.compareUnsigned(last + 1, firstIova) < 0
        || Long.compareUnsigned(first, lastIova + 1) > 0;
  }
}
