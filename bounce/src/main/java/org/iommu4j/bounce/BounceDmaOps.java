package org.iommu4j.bounce;

import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.base.Pages;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.CommonPages;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.DmaRemapper;
import org.iommu4j.swiotlb.EntrywiseDmaOps;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.jspecify.annotations.Nullable;

/**
 * The DMA operations of devices that are not trusted: what does not fill its pages is copied to
 * pages that hold nothing else, and those are what the device sees.
 *
 * <p>A buffer bounces unless both its address and its size are multiples of 4096. The copy begins
 * with a page, and <em>the address for the device is that page's, without the buffer's offset in
 * its own page</em>; this is how 5.10 does it. What is behind the copy in its last page is cleared;
 * and so is the copy itself where the device is only to write, or the caller asked for no sync.
 *
 * <p>Entries of a list are mapped one by one, each at an address of its own, and never merged.
 *
 * <p>Thread-safe; allocates nothing on the map and unmap paths unless something fails.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:bounce_dma_ops}.
 */
final class BounceDmaOps extends EntrywiseDmaOps {

  private final DmaRemapper remapper;
  private final PhysicalMemory memory;
  private final SwiotlbPool pool;
  private final DeviceLog log;
  private final CommonPages commonPages;

  /**
   * Makes the operations of one system.
   *
   * @param pages where pages come from that are mapped whole
   * @param maxPfn the number of the page frame behind the last of RAM
   */
  BounceDmaOps(
      DmaRemapper remapper, CommonPages pages, SwiotlbPool pool, long maxPfn, DeviceLog log) {
    super(maxPfn);
    this.remapper = remapper;
    this.memory = pages.memory();
    this.commonPages = pages;
    this.pool = pool;
    this.log = log;
  }

  @Override
  public String symbol() {
    return "bounce_dma_ops";
  }

  @Override
  public boolean bouncesUnaligned() {
    return true;
  }

  @Override
  public long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    BounceCalls.MapPage call = begun(BounceCalls.MapPage.OFF);
    long dmaAddr = mapSingle(device, phys, sizeBytes, direction, attributes);
    call.done(device, phys, sizeBytes, direction, attributes, dmaAddr);
    return dmaAddr;
  }

  @Override
  protected long mapEntry(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    return mapPage(device, phys, sizeBytes, direction, attributes);
  }

  // drivers/iommu/intel/iommu.c:bounce_map_single
  private long mapSingle(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    checkSize(device, phys, sizeBytes);
    BounceCalls.MapSingle call = begun(BounceCalls.MapSingle.OFF);
    long dmaAddr =
        remapper.hasDmaDomain(device)
            ? map(device, phys, sizeBytes, direction, attributes)
            : DmaMapping.MAPPING_ERROR;
    call.done(device, phys, sizeBytes, direction, attributes, dmaAddr);
    return dmaAddr;
  }

  private long map(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    long pages = wholePages(sizeBytes) >>> PAGE_SHIFT;
    long iovaPfn = remapper.allocIova(device, pages, device.dmaMask());
    if (iovaPfn == DmaRemapper.NO_IOVA_PFN) {
      return DmaMapping.MAPPING_ERROR;
    }
    if (!mapCopy(device, iovaPfn, phys, sizeBytes, direction, attributes)) {
      remapper.freeIova(device, iovaPfn, pages);
      log.print(device, failure(phys, sizeBytes, direction));
      return DmaMapping.MAPPING_ERROR;
    }
    return iovaPfn << PAGE_SHIFT;
  }

  private boolean mapCopy(
      Device device,
      long iovaPfn,
      long phys,
      long sizeBytes,
      DmaDirection direction,
      int attributes) {
    long wholeBytes = wholePages(sizeBytes);
    long seenPhys = phys;
    if (!Pages.isAligned(phys | sizeBytes)) {
      seenPhys = pool.mapSingle(device, phys, sizeBytes, wholeBytes, attributes);
      if (seenPhys == DmaMapping.MAPPING_ERROR) {
        return false;
      }
      clearPadding(seenPhys, sizeBytes, direction, attributes);
    }
    long pages = wholeBytes >>> PAGE_SHIFT;
    long seenPfn = seenPhys >>> PAGE_SHIFT;
    if (remapper.map(device, iovaPfn, seenPfn, pages, direction)) {
      return true;
    }
    release(device, seenPhys, sizeBytes, direction, attributes);
    return false;
  }

  private void clearPadding(long tlbPhys, long sizeBytes, DmaDirection direction, int attributes) {
    boolean keepsData = direction.deviceReads() && (attributes & DmaAttributes.SKIP_CPU_SYNC) == 0;
    long kept = keepsData ? sizeBytes : 0;
    memory.fill(tlbPhys + kept, wholePages(sizeBytes) - kept, (byte) 0);
  }

  private void release(
      Device device, long tlbPhys, long sizeBytes, DmaDirection direction, int attributes) {
    if (pool.contains(tlbPhys)) {
      pool.unmapSingle(device, tlbPhys, sizeBytes, wholePages(sizeBytes), direction, attributes);
    }
  }

  private static long wholePages(long sizeBytes) {
    return Pages.alignUp(sizeBytes);
  }

  // Where the kernel stops at an assertion: such a buffer would bounce, and takes no slot, unless
  // the device wants its offset kept.
  private static void checkSize(Device device, long phys, long sizeBytes) {
    long kept = phys & device.minAlignMask() & (SwiotlbPool.SLOT_BYTES - 1);
    if (sizeBytes == 0 && !Pages.isAligned(phys) && kept == 0) {
      throw new IllegalArgumentException(
          String.format("no bytes at 0x%x cannot be mapped: they begin within a page", phys));
    }
  }

  private static String failure(long phys, long sizeBytes, DmaDirection direction) {
    return String.format(
        "DMAR: Device bounce map: %x@%x dir %d --- failed",
        sizeBytes, phys, direction.kernelNumber());
  }

  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    BounceCalls.UnmapPage call = begun(BounceCalls.UnmapPage.OFF);
    unmapSingle(device, dmaAddr, sizeBytes, direction, attributes);
    call.done(device, dmaAddr, sizeBytes, direction, attributes);
  }

  // drivers/iommu/intel/iommu.c:bounce_unmap_single
  private void unmapSingle(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    BounceCalls.UnmapSingle call = begun(BounceCalls.UnmapSingle.OFF);
    long seenPhys = physOf(device, dmaAddr);
    if (seenPhys != 0) {
      remapper.unmap(device, dmaAddr, sizeBytes);
      release(device, seenPhys, sizeBytes, direction, attributes);
    }
    call.done(device, dmaAddr, sizeBytes, direction, attributes);
  }

  @Override
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    return mapSingle(device, phys, sizeBytes, direction, attributes);
  }

  @Override
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    unmapSingle(device, dmaAddr, sizeBytes, direction, attributes);
  }

  @Override
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    return remapper.allocCoherent(device, sizeBytes, attributes);
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    remapper.freeCoherent(device, buffer, attributes);
  }

  @Override
  public @Nullable DmaPages allocPages(Device device, long sizeBytes, DmaDirection direction) {
    return commonPages.allocPages(this, device, sizeBytes, direction);
  }

  @Override
  public void freePages(Device device, DmaPages pages) {
    commonPages.freePages(this, device, pages);
  }

  @Override
  public void syncSingleForCpu(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    long tlbPhys = physOf(device, dmaAddr);
    if (pool.contains(tlbPhys)) {
      pool.syncForCpu(device, tlbPhys, sizeBytes, direction);
    }
  }

  @Override
  public void syncSingleForDevice(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    long tlbPhys = physOf(device, dmaAddr);
    if (pool.contains(tlbPhys)) {
      pool.syncForDevice(device, tlbPhys, sizeBytes, direction);
    }
  }

  // drivers/iommu/intel/iommu.c:bounce_sync_single
  private long physOf(Device device, long dmaAddr) {
    return remapper.isRemapped(device) ? remapper.iovaToPhys(device, dmaAddr) : 0;
  }

  @Override
  public boolean needsSync(Device device, long dmaAddr) {
    return true;
  }
}
