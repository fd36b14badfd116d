package org.iommu4j.vtd.dma;

import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.base.ModelCpus;
import org.iommu4j.bounce.IovaMapper;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iova.IovaDomain;
import org.iommu4j.iova.IovaFlushQueue;
import org.iommu4j.iova.SizeRounding;
import org.iommu4j.vtd.driver.AddressSpace;
import org.iommu4j.vtd.driver.Attachment;
import org.iommu4j.vtd.driver.IovaCookie;
import org.jspecify.annotations.Nullable;

/**
 * A domain as the DMA API has it: addresses are handed out, mapped, unmapped and given back, at
 * once or after the next flush.
 *
 * <p>Thread-safe; allocates nothing in steady state.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct dmar_domain}, {@code iovad}.
 */
final class DmaDomain implements IovaCookie {
  private static final long MAX_32_BITS_PFN = DmaMapping.bitMask(32) >>> PAGE_SHIFT;

  private final AddressSpace space;
  private final IovaDomain iova;
  private final @Nullable IovaFlushQueue flushQueue;
  private final ModelCpus cpus;
  private final boolean forceDac;
  private final SizeRounding sizes;
  private final DeviceLog.Once exhausted;

  /**
   * Makes a domain.
   *
   * @param iova the addresses, without those that are never handed out
   * @param exhausted where the first failure is told
   */
  DmaDomain(
      AddressSpace space,
      IovaDomain iova,
      SystemServices services,
      DmaDomains.Settings settings,
      DeviceLog.Once exhausted) {
    this.space = space;
    this.iova = iova;
    this.cpus = services.cpus();
    this.forceDac = settings.forceDac();
    this.sizes = settings.rules().sizes();
    this.exhausted = exhausted;
    this.flushQueue =
        settings.strict()
            ? null
            : new IovaFlushQueue(iova, services.timers(), this::flushAll, space::freeTables);
  }

  /**
   * Returns the domain that a device is attached to.
   *
   * @throws IllegalArgumentException if that is not one of the DMA API, where the kernel follows a
   *     null pointer
   */
  static DmaDomain of(Attachment attachment) {
    return (DmaDomain) IovaCookie.required(attachment.cookie());
  }

  /**
   * Takes pages that a device's mask reaches, below 4 GiB first unless the system is told
   * otherwise.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_alloc_iova}.
   *
   * @return the first page's number, or {@link IovaMapper#NO_IOVA_PFN} if none are free
   */
  long alloc(Device device, long pages, long deviceMask) {
    MapCalls.AllocIova call = begun(MapCalls.AllocIova.OFF);
    long taken = sizes.rounded(pages);
    long pfn = search(taken, deviceMask);
    if (pfn == IovaMapper.NO_IOVA_PFN) {
      exhausted.print(device, () -> "DMAR: Allocating " + taken + "-page iova failed");
    }
    call.done(pages, deviceMask, pfn);
    return pfn;
  }

  private long search(long taken, long deviceMask) {
    long maxIova = space.maxIova();
    long mask = Long.compareUnsigned(maxIova, deviceMask) < 0 ? maxIova : deviceMask;
    long limitPfn = mask >>> PAGE_SHIFT;
    int cpu = cpus.current();
    if (!forceDac && limitPfn > MAX_32_BITS_PFN) {
      long pfn = iova.allocFast(cpu, taken, MAX_32_BITS_PFN, false);
      if (pfn != IovaMapper.NO_IOVA_PFN) {
        return pfn;
      }
    }
    return iova.allocFast(cpu, taken, limitPfn, true);
  }

  /** Gives addresses back that nothing in the hardware knows. */
  void free(long iovaPfn, long pages) {
    iova.freeFast(cpus.current(), iovaPfn, pages);
  }

  /** Maps pages that were handed out; see {@link AddressSpace#map}. */
  boolean map(long iovaPfn, long physPfn, long pages, long rights) {
    return space.map(iovaPfn, physPfn, pages, rights);
  }

  /** Maps a piece of a list to pages that were handed out; see {@link AddressSpace#mapPiece}. */
  long mapPiece(long previous, long iovaPfn, long physPfn, long pages, long rights) {
    return space.mapPiece(previous, iovaPfn, physPfn, pages, rights);
  }

  /** Tells the units of all pieces of a list. */
  void announce(long iovaPfn, long pages) {
    space.announce(iovaPfn, pages);
  }

  /** Unmaps the pieces of a list of which one could not be mapped, and gives all addresses back. */
  void abandonPieces(long iovaPfn, long pages) {
    space.unmapPieces(iovaPfn, pages);
    free(iovaPfn, pages);
  }

  /**
   * Unmaps pages and gives their addresses back, at once or after the next flush.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_unmap}.
   *
   * @param atOnce whether the hardware forgets them first whatever the domain does
   */
  void unmap(long pfn, long pages, boolean atOnce) {
    IovaFlushQueue queue = flushQueue;
    if (queue == null || atOnce) {
      space.unmap(pfn, pages);
      iova.freeFast(cpus.current(), pfn, pages);
    } else {
      queue.queue(cpus.current(), pfn, pages, space.unmapUnflushed(pfn, pages));
    }
  }

  /** Returns whether the domain translates all pages of a range. */
  boolean reaches(long firstPfn, long lastPfn) {
    return space.reaches(firstPfn, lastPfn);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:iommu_flush_iova}. */
  private void flushAll() {
    UnmapCalls.FlushIova call = begun(UnmapCalls.FlushIova.OFF);
    space.flushAll();
    call.done();
  }

  @Override
  public void reserve(long firstPfn, long lastPfn) {
    iova.reserve(firstPfn, lastPfn);
  }

  @Override
  public void close() {
    if (flushQueue != null) {
      flushQueue.close();
    }
  }
}
