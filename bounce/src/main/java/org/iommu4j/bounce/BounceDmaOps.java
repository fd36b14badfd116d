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
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.DmaPath;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.swiotlb.BouncingSystem;
import org.iommu4j.swiotlb.EntrywiseDmaOps;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.jspecify.annotations.Nullable;

/**
 * The DMA operations of devices that are not trusted: what does not fill its pages is copied to
 * pages that hold nothing else, and those are what the device sees.
 *
 * <p>A buffer bounces unless both its address and its size are multiples of 4096. The copy begins
 * with a page, and <em>the address for the device is that page's, without the buffer's offset in
 * its own page</em>; this is how 5.10 does it. What follows the copy in its last page is cleared;
 * and so is the copy itself where the device is only to write, or the caller asked for no sync.
 *
 * <p>Entries of a list are mapped one by one, each at an address of its own, and never merged.
 *
 * <p>Thread-safe; allocates nothing on the map and unmap paths unless something fails.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:bounce_dma_ops}.
 */
public final class BounceDmaOps extends EntrywiseDmaOps {
  private final IovaMapper mapper;
  private final DmaOps coherent;
  private final PhysicalMemory memory;
  private final SwiotlbPool pool;
  private final DeviceLog log;
  private final CommonPages commonPages;

  /**
   * Makes the operations of one system.
   *
   * @param mapper maps what the device is to see
   * @param coherent the operations that memory comes from which CPU and device share, and which
   *     does not bounce
   */
  public BounceDmaOps(IovaMapper mapper, DmaOps coherent, BouncingSystem system) {
    super(system.maxPfn());
    this.mapper = mapper;
    this.coherent = coherent;
    this.memory = system.memory();
    this.commonPages = new CommonPages(system.memory(), system.buffers());
    this.pool = system.pool();
    this.log = system.log();
  }

  @Override
  public String symbol() {
    return "bounce_dma_ops";
  }

  @Override
  public DmaPath path() {
    return DmaPath.BOUNCED;
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
    long dmaAddr = map(device, phys, sizeBytes, direction, attributes);
    call.done(device, phys, sizeBytes, direction, attributes, dmaAddr);
    return dmaAddr;
  }

  private long map(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    long pages = wholePages(sizeBytes) >>> PAGE_SHIFT;
    long iovaPfn = mapper.allocIova(device, pages, device.dmaMask());
    if (iovaPfn == IovaMapper.NO_IOVA_PFN) {
      return DmaMapping.MAPPING_ERROR;
    }
    if (!mapCopy(device, iovaPfn, phys, sizeBytes, direction, attributes)) {
      mapper.freeIova(device, iovaPfn, pages);
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
    if (mapper.map(device, iovaPfn, seenPfn, pages, direction)) {
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

  private String failure(long phys, long sizeBytes, DmaDirection direction) {
    return String.format(
        "%sDevice bounce map: %x@%x dir %d --- failed",
        mapper.logPrefix(), sizeBytes, phys, direction.kernelNumber());
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
    long seenPhys = mapper.iovaToPhys(device, dmaAddr);
    if (seenPhys != 0) {
      mapper.unmap(device, dmaAddr, sizeBytes);
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
    return coherent.allocCoherent(device, sizeBytes, attributes);
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    coherent.freeCoherent(device, buffer, attributes);
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
    long tlbPhys = mapper.iovaToPhys(device, dmaAddr);
    if (pool.contains(tlbPhys)) {
      pool.syncForCpu(device, tlbPhys, sizeBytes, direction);
    }
  }

  @Override
  public void syncSingleForDevice(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    long tlbPhys = mapper.iovaToPhys(device, dmaAddr);
    if (pool.contains(tlbPhys)) {
      pool.syncForDevice(device, tlbPhys, sizeBytes, direction);
    }
  }

  @Override
  public boolean needsSync(Device device, long dmaAddr) {
    return true;
  }
}
