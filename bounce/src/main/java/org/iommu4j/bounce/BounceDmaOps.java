package org.iommu4j.bounce;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.CommonPages;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.DmaReach;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.spi.DmaRemapper;
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
final class BounceDmaOps implements DmaOps {
  private static final long PAGE_MASK = PhysicalMemory.FRAME_BYTES - 1;

  private final DmaRemapper remapper;
  private final PhysicalMemory memory;
  private final SwiotlbPool pool;
  private final long maxPfn;
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
    this.remapper = remapper;
    this.memory = pages.memory();
    this.commonPages = pages;
    this.pool = pool;
    this.maxPfn = maxPfn;
    this.log = log;
  }

  @Override
  public String symbol() {
    return "bounce_dma_ops";
  }

  // drivers/iommu/intel/iommu.c:bounce_map_single
  @Override
  public long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    checkSize(phys, sizeBytes);
    if (!remapper.isRemapped(device)) {
      return DmaMapping.MAPPING_ERROR;
    }
    long pages = wholePages(sizeBytes) >>> PhysicalMemory.FRAME_SHIFT;
    long iovaPfn = remapper.allocIova(device, pages, device.dmaMask());
    if (iovaPfn == DmaRemapper.NO_IOVA_PFN) {
      return DmaMapping.MAPPING_ERROR;
    }
    if (!mapCopy(device, iovaPfn, phys, sizeBytes, direction, attributes)) {
      remapper.freeIova(device, iovaPfn, pages);
      log.print(device, failure(phys, sizeBytes, direction));
      return DmaMapping.MAPPING_ERROR;
    }
    return iovaPfn << PhysicalMemory.FRAME_SHIFT;
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
    if (((phys | sizeBytes) & PAGE_MASK) != 0) {
      seenPhys = pool.mapSingle(device, phys, sizeBytes, wholeBytes, attributes);
      if (seenPhys == DmaMapping.MAPPING_ERROR) {
        return false;
      }
      clearPadding(seenPhys, sizeBytes, direction, attributes);
    }
    long pages = wholeBytes >>> PhysicalMemory.FRAME_SHIFT;
    long seenPfn = seenPhys >>> PhysicalMemory.FRAME_SHIFT;
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
    return (sizeBytes + PAGE_MASK) & ~PAGE_MASK;
  }

  private static void checkSize(long phys, long sizeBytes) {
    if (sizeBytes <= 0 || wholePages(sizeBytes) <= 0) {
      throw new IllegalArgumentException(
          String.format("0x%x bytes at 0x%x cannot be mapped", sizeBytes, phys));
    }
  }

  private static String failure(long phys, long sizeBytes, DmaDirection direction) {
    return String.format(
        "DMAR: Device bounce map: %x@%x dir %d --- failed",
        sizeBytes, phys, kernelNumber(direction));
  }

  // include/linux/dma-direction.h:enum dma_data_direction
  private static int kernelNumber(DmaDirection direction) {
    return switch (direction) {
      case BIDIRECTIONAL -> 0;
      case TO_DEVICE -> 1;
      case FROM_DEVICE -> 2;
      case NONE -> 3;
    };
  }

  // drivers/iommu/intel/iommu.c:bounce_unmap_single
  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    if (!remapper.isRemapped(device)) {
      return;
    }
    long seenPhys = remapper.iovaToPhys(device, dmaAddr);
    if (seenPhys == 0) {
      return;
    }
    remapper.unmap(device, dmaAddr, sizeBytes);
    release(device, seenPhys, sizeBytes, direction, attributes);
  }

  @Override
  public int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    for (int i = 0; i < list.size(); i++) {
      int lengthBytes = list.lengthBytes(i);
      long dmaAddr = mapPage(device, list.phys(i), lengthBytes, direction, attributes);
      if (dmaAddr == DmaMapping.MAPPING_ERROR) {
        int skip = attributes | DmaAttributes.SKIP_CPU_SYNC;
        unmapFirst(i, device, list, direction, skip);
        return 0;
      }
      list.setDma(i, dmaAddr, lengthBytes);
    }
    return list.size();
  }

  @Override
  public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    unmapFirst(list.size(), device, list, direction, attributes);
  }

  private void unmapFirst(
      int count, Device device, ScatterList list, DmaDirection direction, int attributes) {
    for (int i = 0; i < count; i++) {
      unmapPage(device, list.dmaAddr(i), list.dmaLengthBytes(i), direction, attributes);
    }
  }

  @Override
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    return mapPage(device, phys, sizeBytes, direction, attributes);
  }

  @Override
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    unmapPage(device, dmaAddr, sizeBytes, direction, attributes);
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
    long tlbPhys = slotOf(device, dmaAddr);
    if (pool.contains(tlbPhys)) {
      pool.syncForCpu(device, tlbPhys, sizeBytes, direction);
    }
  }

  @Override
  public void syncSingleForDevice(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    long tlbPhys = slotOf(device, dmaAddr);
    if (pool.contains(tlbPhys)) {
      pool.syncForDevice(device, tlbPhys, sizeBytes, direction);
    }
  }

  // drivers/iommu/intel/iommu.c:bounce_sync_single
  private long slotOf(Device device, long dmaAddr) {
    return remapper.isRemapped(device) ? remapper.iovaToPhys(device, dmaAddr) : 0;
  }

  @Override
  public void syncSgForCpu(Device device, ScatterList list, DmaDirection direction) {
    for (int i = 0; i < list.size(); i++) {
      syncSingleForCpu(device, list.dmaAddr(i), list.dmaLengthBytes(i), direction);
    }
  }

  @Override
  public void syncSgForDevice(Device device, ScatterList list, DmaDirection direction) {
    for (int i = 0; i < list.size(); i++) {
      syncSingleForDevice(device, list.dmaAddr(i), list.dmaLengthBytes(i), direction);
    }
  }

  @Override
  public boolean isSupported(Device device, long mask) {
    return DmaReach.isSupported(mask, maxPfn);
  }

  @Override
  public boolean needsSync(Device device, long dmaAddr) {
    return true;
  }
}
