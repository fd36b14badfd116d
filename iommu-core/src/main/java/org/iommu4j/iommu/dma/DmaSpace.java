package org.iommu4j.iommu.dma;

import org.iommu4j.iommu.paging.DomainPages;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iova.IovaDomain;
import org.iommu4j.iova.IovaFlushQueue;
import org.jspecify.annotations.Nullable;

/**
 * A domain and the addresses in it that the DMA API hands out.
 *
 * <p>Thread-safe; allocates nothing in steady state.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:struct iommu_dma_cookie}.
 */
final class DmaSpace {
  /**
   * The largest size of a mapping whose addresses the allocator's caches keep.
   *
   * <p>Source: {@code drivers/iommu/iova.c:iova_rcache_range}.
   */
  static final long CACHED_BYTES = 32L << 12;

  private static final ThreadLocal<IotlbGather> GATHER = ThreadLocal.withInitial(IotlbGather::new);

  private final IommuDomain domain;
  private final DomainPages pages;
  private final SystemServices services;
  private final IovaDomain iova;
  private final int granuleShift;
  private final long granuleMask;

  /** Set once: a domain can become one that queues while devices use it. */
  private volatile @Nullable IovaFlushQueue flushQueue;

  DmaSpace(IommuDomain domain, DomainPages pages, SystemServices services) {
    this.domain = domain;
    this.pages = pages;
    this.services = services;
    long granuleBytes = Long.lowestOneBit(domain.pageSizes());
    this.granuleShift = Long.numberOfTrailingZeros(granuleBytes);
    this.granuleMask = granuleBytes - 1;
    long startPfn = Math.max(1, domain.geometry().firstIova() >>> granuleShift);
    this.iova =
        new IovaDomain(
            services.rules().iova(),
            granuleBytes,
            startPfn,
            services.cpus().count(),
            services.timers());
  }

  IommuDomain domain() {
    return domain;
  }

  IovaDomain iova() {
    return iova;
  }

  /** Returns the low bits of an address that lie within a page, which are never translated. */
  long granuleMask() {
    return granuleMask;
  }

  int granuleShift() {
    return granuleShift;
  }

  /** Returns the bytes of all pages that a buffer touches, given its offset in the first one. */
  long pageBytes(long offset, long sizeBytes) {
    return (offset + sizeBytes + granuleMask) & ~granuleMask;
  }

  /** Returns whether unmapped addresses wait for a flush of everything. */
  boolean queues() {
    return flushQueue != null;
  }

  /**
   * Makes unmapped addresses wait for a flush of everything from here on.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_init_fq}.
   */
  synchronized void startQueue() {
    if (flushQueue == null) {
      flushQueue =
          new IovaFlushQueue(iova, services.timers(), domain::flushIotlbAll, domain::freeTables);
    }
  }

  /** Stops all timers and gives the tables back that wait in the queue. */
  synchronized void close() {
    IovaFlushQueue queue = flushQueue;
    if (queue != null) {
      queue.close();
    }
    iova.close();
  }

  /**
   * Maps pages at an address that was handed out; returns 0 or a negative error number.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_map}.
   */
  int map(long address, long phys, long sizeBytes, int protection) {
    int error = pages.map(domain, address, phys, sizeBytes, protection);
    if (error == 0) {
      domain.iotlbSyncMap(address, sizeBytes);
    }
    return error;
  }

  /**
   * As {@link #map}, for one of several runs: the caller makes the hardware see them when all are
   * there.
   */
  int mapRun(long address, long phys, long sizeBytes, int protection) {
    return pages.map(domain, address, phys, sizeBytes, protection);
  }

  /** Makes the hardware see runs that were mapped. */
  void syncRuns(long address, long sizeBytes) {
    domain.iotlbSyncMap(address, sizeBytes);
  }

  /** Unmaps runs that were mapped before one failed, and makes the hardware forget them. */
  void unmapRuns(long address, long sizeBytes) {
    pages.unmap(domain, address, sizeBytes);
  }

  /**
   * Unmaps a range and gives its addresses back, now or once the hardware has forgotten them.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:__iommu_dma_unmap}.
   *
   * @param address where the first page begins
   * @param sizeBytes the bytes of all pages
   */
  void unmap(long address, long sizeBytes) {
    IotlbGather gather = GATHER.get();
    gather.reset();
    IovaFlushQueue queue = flushQueue;
    if (queue == null) {
      pages.unmap(domain, address, sizeBytes, gather);
      domain.iotlbSync(gather);
      free(address, sizeBytes);
    } else {
      gather.queue();
      pages.unmap(domain, address, sizeBytes, gather);
      enqueue(queue, address, sizeBytes, gather.freedTables());
    }
  }

  /** Gives addresses back that the hardware does not know. */
  void free(long address, long sizeBytes) {
    iova.freeFast(services.currentCpu(), address >>> granuleShift, sizeBytes >>> granuleShift);
  }

  /** Gives addresses back by way of the queue, if there is one. */
  void freeQueued(long address, long sizeBytes) {
    IovaFlushQueue queue = flushQueue;
    if (queue == null) {
      free(address, sizeBytes);
    } else {
      enqueue(queue, address, sizeBytes, 0);
    }
  }

  private void enqueue(IovaFlushQueue queue, long address, long sizeBytes, long freedTables) {
    queue.queue(
        services.currentCpu(), address >>> granuleShift, sizeBytes >>> granuleShift, freedTables);
  }
}
