package org.iommu4j.vtd.driver;

import com.google.common.collect.ImmutableList;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.CommonPages;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.iova.IovaFlushQueue;
import org.iommu4j.iommu.spi.DmaRemapper;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.jspecify.annotations.Nullable;

/**
 * Maps and unmaps memory for devices that have a domain with a page table.
 *
 * <p>Thread-safe; map and unmap allocate nothing in steady state.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c}.
 */
public final class VtdRemapper implements DmaRemapper {
  private static final long MAX_32_BITS_PFN = DmaMapping.bitMask(32) >>> Pages.SHIFT;
  private static final long READ = SecondLevelEntry.R.mask();
  private static final long WRITE = SecondLevelEntry.W.mask();

  private final SystemServices services;
  private final CommonPages commonPages;
  private final boolean forceDac;
  private final DeviceLog log;
  private final DeviceLog.Once noIova;

  /**
   * Makes the remapper of one system.
   *
   * @param forceDac whether addresses above 4 GiB are handed out first
   */
  public VtdRemapper(SystemServices services, boolean forceDac) {
    this.services = services;
    this.commonPages = new CommonPages(services.memory(), services.buffers());
    this.forceDac = forceDac;
    this.log = new DeviceLog(services.log(), services.timers()::nowMillis);
    this.noIova = log.once();
  }

  CommonPages commonPages() {
    return commonPages;
  }

  @Override
  public boolean isRemapped(Device device) {
    return Attachment.of(device) != null;
  }

  private static VtdDomain domainOf(Device device) {
    Attachment attachment = Attachment.of(device);
    if (attachment == null) {
      throw new IllegalArgumentException(device + " has no domain to map into");
    }
    return attachment.domain();
  }

  @Override
  public long allocIova(Device device, long pages, long mask) {
    return allocIova(device, domainOf(device), pages, mask);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_alloc_iova}. */
  private long allocIova(Device device, VtdDomain domain, long pages, long deviceMask) {
    IntelCalls.AllocIova call = IntelCalls.AllocIova.begun();
    long aligned = Pages.roundUpToPowerOfTwo(pages);
    long pfn = searchIova(domain, aligned, deviceMask);
    if (pfn == NO_IOVA_PFN) {
      noIova.print(device, () -> "DMAR: Allocating " + aligned + "-page iova failed");
    }
    call.done(pages, deviceMask, pfn);
    return pfn;
  }

  private long searchIova(VtdDomain domain, long aligned, long deviceMask) {
    long maxIova = domain.maxIova();
    long mask = Long.compareUnsigned(maxIova, deviceMask) < 0 ? maxIova : deviceMask;
    long limitPfn = mask >>> Pages.SHIFT;
    int cpu = services.currentCpu();
    if (!forceDac && limitPfn > MAX_32_BITS_PFN) {
      long pfn = domain.iova().allocFast(cpu, aligned, MAX_32_BITS_PFN, false);
      if (pfn != NO_IOVA_PFN) {
        return pfn;
      }
    }
    return domain.iova().allocFast(cpu, aligned, limitPfn, true);
  }

  @Override
  public void freeIova(Device device, long iovaPfn, long pages) {
    domainOf(device).iova().freeFast(services.currentCpu(), iovaPfn, pages);
  }

  @Override
  public boolean map(
      Device device, long iovaPfn, long physPfn, long pages, DmaDirection direction) {
    return domainOf(device).mapPages(iovaPfn, physPfn, pages, rights(direction));
  }

  // A unit that does not support zero-length reads of pages that are only written asks for R; all
  // leaves have that anyway.
  private static long rights(DmaDirection direction) {
    return (direction.deviceReads() ? READ : 0) | (direction.deviceWrites() ? WRITE : 0);
  }

  /**
   * Maps one buffer; returns its I/O address or {@link DmaMapping#MAPPING_ERROR}.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:__intel_map_single}.
   */
  long mapSingle(Device device, long phys, long sizeBytes, DmaDirection direction, long mask) {
    IntelCalls.MapSingle call = IntelCalls.MapSingle.begun();
    long dmaAddr = map(device, phys, sizeBytes, direction, mask);
    call.done(device, phys, sizeBytes, direction, mask, dmaAddr);
    return dmaAddr;
  }

  private long map(Device device, long phys, long sizeBytes, DmaDirection direction, long mask) {
    Attachment attachment = Attachment.of(device);
    if (attachment == null) {
      return DmaMapping.MAPPING_ERROR;
    }
    // No bytes at a page's start are no pages: that gets an address, and nothing is mapped there.
    long pages = Pages.touched(phys, sizeBytes);
    VtdDomain domain = attachment.domain();
    long iovaPfn = allocIova(device, domain, pages, mask);
    if (iovaPfn == NO_IOVA_PFN) {
      return failed(device, phys, pages, direction);
    }
    if (!domain.mapPages(iovaPfn, phys >>> Pages.SHIFT, pages, rights(direction))) {
      domain.iova().freeFast(services.currentCpu(), iovaPfn, pages);
      return failed(device, phys, pages, direction);
    }
    return (iovaPfn << Pages.SHIFT) + (phys & Pages.OFFSET_MASK);
  }

  // The size that the kernel prints here counts pages.
  private long failed(Device device, long phys, long pages, DmaDirection direction) {
    log.print(
        device,
        String.format(
            "DMAR: Device request: %x@%x dir %d --- failed",
            pages, phys, direction.kernelNumber()));
    return DmaMapping.MAPPING_ERROR;
  }

  private static long checkedPages(long address, long sizeBytes) {
    long pages = Pages.touched(address, sizeBytes);
    if (pages == 0) {
      throw new IllegalArgumentException(
          String.format("%d bytes at 0x%x are no page", sizeBytes, address));
    }
    return pages;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_unmap}. */
  @Override
  public void unmap(Device device, long dmaAddr, long sizeBytes) {
    Attachment attachment = Attachment.of(device);
    if (attachment == null) {
      throw new IllegalArgumentException(
          String.format("%s has no domain to unmap 0x%x from", device, dmaAddr));
    }
    IntelCalls.Unmap call = IntelCalls.Unmap.begun();
    VtdDomain domain = attachment.domain();
    long pages = checkedPages(dmaAddr, sizeBytes);
    long pfn = dmaAddr >>> Pages.SHIFT;
    if (!domain.table().reaches(pfn) || !domain.table().reaches(pfn + pages - 1)) {
      throw new IllegalArgumentException(
          String.format("0x%x, 0x%x bytes, lies beyond the domain", dmaAddr, sizeBytes));
    }
    long unlinked = domain.trimmer().unmap(pfn, pfn + pages - 1);
    int cpu = services.currentCpu();
    IovaFlushQueue queue = domain.flushQueue();
    if (queue == null || attachment.untrusted()) {
      ImmutableList<DomainUnit> units = domain.units();
      if (!units.isEmpty()) {
        units.get(0).flushPages(pfn, pages, unlinked == FreedTables.EMPTY);
      }
      domain.iova().freeFast(cpu, pfn, pages);
      domain.freed().free(unlinked);
    } else {
      queue.queue(cpu, pfn, pages, unlinked);
    }
    call.done(device, dmaAddr, sizeBytes);
  }

  @Override
  public long iovaToPhys(Device device, long iova) {
    IntelCalls.IovaToPhys call = IntelCalls.IovaToPhys.begun();
    long phys = domainOf(device).iovaToPhys(iova);
    call.done(iova, phys);
    return phys;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_alloc_coherent}. */
  @Override
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    long pages = Pages.touched(0, sizeBytes);
    int order = Long.numberOfTrailingZeros(Pages.roundUpToPowerOfTwo(pages));
    PageAllocator buffers = services.buffers();
    long phys =
        pages == 0 || order > FrameAllocator.MAX_ORDER
            ? PageAllocator.NONE
            : buffers.allocate(order, MemoryZone.NORMAL);
    if (phys == PageAllocator.NONE) {
      return null;
    }
    services.memory().fill(phys, pages << Pages.SHIFT, (byte) 0);
    long dmaAddr =
        mapSingle(
            device,
            phys,
            pages << Pages.SHIFT,
            DmaDirection.BIDIRECTIONAL,
            device.coherentDmaMask());
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      buffers.free(phys);
      return null;
    }
    return new CoherentBuffer(phys, dmaAddr, sizeBytes);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_free_coherent}. */
  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    unmap(device, buffer.dmaAddr(), Pages.touched(0, buffer.sizeBytes()) << Pages.SHIFT);
    services.buffers().free(buffer.phys());
  }

  /**
   * Maps a list to one run of I/O addresses; returns its size, or 0 on failure.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_map_sg}.
   */
  int mapSg(Device device, ScatterList list, DmaDirection direction) {
    Attachment attachment = Attachment.of(device);
    if (attachment == null) {
      return 0;
    }
    long pages = 0;
    for (int i = 0; i < list.size(); i++) {
      pages += checkedPages(list.offsetBytes(i), list.lengthBytes(i));
    }
    VtdDomain domain = attachment.domain();
    long iovaPfn =
        allocIova(device, domain, checkedPages(0, pages << Pages.SHIFT), device.dmaMask());
    if (iovaPfn == NO_IOVA_PFN) {
      list.setDma(0, list.dmaAddr(0), 0);
      return 0;
    }
    if (!mapPieces(domain, list, iovaPfn, rights(direction))) {
      PageTable table = domain.table();
      domain.trimmer().freeTables(iovaPfn, iovaPfn + pages - 1, table.levels() + 1);
      domain.iova().freeFast(services.currentCpu(), iovaPfn, pages);
      return 0;
    }
    domain.notifyMapped(iovaPfn, pages);
    return list.size();
  }

  private static boolean mapPieces(
      VtdDomain domain, ScatterList list, long firstIovaPfn, long rights) {
    long iovaPfn = firstIovaPfn;
    long nextPhys = PageMapper.NOWHERE;
    for (int i = 0; i < list.size(); i++) {
      long offset = list.offsetBytes(i);
      long pages = Pages.touched(offset, list.lengthBytes(i));
      long iova = (iovaPfn << Pages.SHIFT) + (offset & Pages.OFFSET_MASK);
      list.setDma(i, iova, list.lengthBytes(i));
      nextPhys = domain.mapPiece(nextPhys, iovaPfn, list.phys(i) >>> Pages.SHIFT, pages, rights);
      if (nextPhys == PageTable.NO_ENTRY) {
        return false;
      }
      iovaPfn += pages;
    }
    return true;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_unmap_sg}. */
  void unmapSg(Device device, ScatterList list) {
    long pages = 0;
    for (int i = 0; i < list.size(); i++) {
      pages += Pages.touched(list.dmaAddr(i), list.dmaLengthBytes(i));
    }
    unmap(device, list.dmaAddr(0) & ~Pages.OFFSET_MASK, pages << Pages.SHIFT);
  }

  /**
   * Returns whether a device can be served at all.
   *
   * <p>Source: {@code kernel/dma/direct.c:dma_direct_supported}.
   */
  boolean isSupported(long mask) {
    long lastFramePhys = (services.maxPfn() - 1) << Pages.SHIFT;
    long least = Math.min(lastFramePhys, DmaMapping.bitMask(24));
    return Long.compareUnsigned(mask, DmaMapping.bitMask(32)) >= 0
        || Long.compareUnsigned(mask, least) >= 0;
  }
}
