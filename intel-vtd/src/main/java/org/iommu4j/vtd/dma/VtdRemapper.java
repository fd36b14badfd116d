package org.iommu4j.vtd.dma;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.base.Pages;
import org.iommu4j.bounce.IovaMapper;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.CommonPages;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaReach;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.vtd.driver.Attachment;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.jspecify.annotations.Nullable;

/**
 * Maps and unmaps memory for devices that have a domain with a page table.
 *
 * <p>Thread-safe; map and unmap allocate nothing in steady state.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c}.
 */
final class VtdRemapper implements IovaMapper {
  private static final long READ = SecondLevelEntry.R.mask();
  private static final long WRITE = SecondLevelEntry.W.mask();

  private final SystemServices services;
  private final CommonPages commonPages;
  private final DeviceLog log;

  /** Makes the remapper of one system. */
  VtdRemapper(SystemServices services) {
    this.services = services;
    this.commonPages = new CommonPages(services.memory(), services.buffers());
    this.log = services.deviceLog();
  }

  CommonPages commonPages() {
    return commonPages;
  }

  private static Attachment attachmentOf(Device device) {
    Attachment attachment = Attachment.of(device);
    if (attachment == null) {
      throw new IllegalArgumentException(device + " has no domain to map into");
    }
    return attachment;
  }

  @Override
  public String logPrefix() {
    return "DMAR: ";
  }

  @Override
  public long allocIova(Device device, long pages, long mask) {
    Attachment attachment = Attachment.of(device);
    return attachment != null && attachment.cookie() != null
        ? DmaDomain.of(attachment).alloc(device, pages, mask)
        : NO_IOVA_PFN;
  }

  @Override
  public void freeIova(Device device, long iovaPfn, long pages) {
    DmaDomain.of(attachmentOf(device)).free(iovaPfn, pages);
  }

  @Override
  public boolean map(
      Device device, long iovaPfn, long physPfn, long pages, DmaDirection direction) {
    return DmaDomain.of(attachmentOf(device)).map(iovaPfn, physPfn, pages, rights(direction));
  }

  // A unit that does not support zero-length reads of pages that are only written asks for R; all
  // leaves have that anyway.
  static long rights(DmaDirection direction) {
    return (direction.deviceReads() ? READ : 0) | (direction.deviceWrites() ? WRITE : 0);
  }

  /**
   * Maps one buffer; returns its I/O address or {@link DmaMapping#MAPPING_ERROR}.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:__intel_map_single}.
   */
  long mapSingle(Device device, long phys, long sizeBytes, DmaDirection direction, long mask) {
    MapCalls.MapSingle call = begun(MapCalls.MapSingle.OFF);
    long dmaAddr = map(device, phys, sizeBytes, direction, mask);
    call.done(device, phys, sizeBytes, direction, mask, dmaAddr);
    return dmaAddr;
  }

  private long map(Device device, long phys, long sizeBytes, DmaDirection direction, long mask) {
    Attachment attachment = Attachment.of(device);
    if (attachment == null) {
      return DmaMapping.MAPPING_ERROR;
    }
    DmaDomain domain = DmaDomain.of(attachment);
    // No bytes at a page's start are no pages: that gets an address, and nothing is mapped there.
    long pages = Pages.touched(phys, sizeBytes);
    long iovaPfn = domain.alloc(device, pages, mask);
    if (iovaPfn == NO_IOVA_PFN) {
      return failed(device, phys, pages, direction);
    }
    if (!domain.map(iovaPfn, phys >>> PAGE_SHIFT, pages, rights(direction))) {
      domain.free(iovaPfn, pages);
      return failed(device, phys, pages, direction);
    }
    return (iovaPfn << PAGE_SHIFT) + (phys & OFFSET_MASK);
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

  static long checkedPages(long address, long sizeBytes) {
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
    UnmapCalls.Unmap call = begun(UnmapCalls.Unmap.OFF);
    DmaDomain domain = DmaDomain.of(attachment);
    long pages = checkedPages(dmaAddr, sizeBytes);
    long pfn = dmaAddr >>> PAGE_SHIFT;
    if (!domain.reaches(pfn, pfn + pages - 1)) {
      throw new IllegalArgumentException(
          String.format("0x%x, 0x%x bytes, lies beyond the domain", dmaAddr, sizeBytes));
    }
    domain.unmap(pfn, pages, attachment.untrusted());
    call.done(device, dmaAddr, sizeBytes);
  }

  @Override
  public long iovaToPhys(Device device, long iova) {
    Attachment attachment = Attachment.of(device);
    if (attachment == null) {
      return 0;
    }
    MapCalls.IovaToPhys call = begun(MapCalls.IovaToPhys.OFF);
    long phys = attachment.iovaToPhys(iova);
    call.done(iova, phys);
    return phys;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_alloc_coherent}. */
  @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes) {
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
    services.memory().fill(phys, pages << PAGE_SHIFT, (byte) 0);
    long dmaAddr =
        mapSingle(
            device,
            phys,
            pages << PAGE_SHIFT,
            DmaDirection.BIDIRECTIONAL,
            device.coherentDmaMask());
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      buffers.free(phys);
      return null;
    }
    return new CoherentBuffer(phys, dmaAddr, sizeBytes);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_free_coherent}. */
  void freeCoherent(Device device, CoherentBuffer buffer) {
    unmap(device, buffer.dmaAddr(), Pages.touched(0, buffer.sizeBytes()) << PAGE_SHIFT);
    services.buffers().free(buffer.phys());
  }

  /**
   * Returns whether a device can be served at all.
   *
   * <p>Source: {@code kernel/dma/direct.c:dma_direct_supported}.
   */
  boolean isSupported(long mask) {
    return DmaReach.isSupported(mask, services.maxPfn());
  }
}
