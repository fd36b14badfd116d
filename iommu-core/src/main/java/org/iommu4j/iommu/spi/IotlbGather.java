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
  private long freedTables;
  private boolean queued;

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
    freedTables = 0;
    queued = false;
  }

  /**
   * Notes that a flush of everything follows later, so that there is no need to gather addresses.
   *
   * <p>Source: {@code include/linux/iommu.h:iommu_iotlb_gather_queued}.
   */
  public void queue() {
    queued = true;
  }

  /** Returns whether a flush of everything follows later. */
  public boolean isQueued() {
    return queued;
  }

  /**
   * Returns the page tables that go once the hardware has forgotten them: a number that only the
   * domain understands, 0 for none. A domain that syncs gives them back itself; where a flush of
   * everything follows, {@link IommuDomain#freeTables} is called after it.
   */
  public long freedTables() {
    return freedTables;
  }

  /** Sets the page tables that go, those that were there before among them. */
  public void setFreedTables(long freedTables) {
    this.freedTables = freedTables;
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
