package org.iommu4j.passthrough;

import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.DmaPath;
import org.iommu4j.dma.DmaReach;
import org.iommu4j.swiotlb.BouncingSystem;
import org.iommu4j.swiotlb.EntrywiseDmaOps;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.jspecify.annotations.Nullable;

/**
 * Direct mapping: an I/O address is the physical one, or that of a bounce slot where the device
 * does not reach the buffer or the command line wants it so. Moves no byte of what does not bounce.
 *
 * <p>Thread-safe; allocates nothing on the map and unmap paths unless something fails. Overflows
 * are reported once a system for each of the places in the kernel that do so.
 *
 * <p>Source: {@code kernel/dma/direct.c}, {@code kernel/dma/direct.h}.
 */
public final class DirectDmaOps extends EntrywiseDmaOps {
  private final SwiotlbPool pool;
  private final CoherentPages coherent;
  private final DeviceLog.Once pageOverflow;
  private final DeviceLog.Once listOverflow;
  private final DeviceLog.Once resourceOverflow;

  /** Makes the operations of one system. */
  public DirectDmaOps(BouncingSystem system) {
    super(system.maxPfn());
    pool = system.pool();
    coherent = new CoherentPages(system.memory(), system.buffers());
    pageOverflow = system.log().once();
    listOverflow = system.log().once();
    resourceOverflow = system.log().once();
  }

  @Override
  public String symbol() {
    return "NULL";
  }

  @Override
  public DmaPath path() {
    return DmaPath.DIRECT;
  }

  @Override
  public long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    long dmaAddr = map(device, phys, sizeBytes, direction, attributes);
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      report(pageOverflow, device, phys, sizeBytes);
    }
    return dmaAddr;
  }

  @Override
  protected long mapEntry(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    long dmaAddr = map(device, phys, sizeBytes, direction, attributes);
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      report(listOverflow, device, phys, sizeBytes);
    }
    return dmaAddr;
  }

  // kernel/dma/direct.h:dma_direct_map_page
  private long map(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    DirectCalls.MapPage call = begun(DirectCalls.MapPage.OFF);
    boolean reached = DmaReach.isCapable(device, phys, sizeBytes);
    long dmaAddr;
    if (reached && !pool.bouncesAlways()) {
      dmaAddr = phys;
    } else if (pool.bouncesAtNeed()) {
      dmaAddr = pool.map(device, phys, sizeBytes, direction, attributes);
    } else {
      dmaAddr = DmaMapping.MAPPING_ERROR;
    }
    call.done(device, phys, sizeBytes, direction, attributes, dmaAddr);
    return dmaAddr;
  }

  // A failure to bounce is reported by the pool.
  private void report(DeviceLog.Once place, Device device, long phys, long sizeBytes) {
    if (!pool.bouncesAtNeed()) {
      place.print(device, () -> DmaReach.overflow("DMA addr", device, phys, sizeBytes));
    }
  }

  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    DirectCalls.UnmapPage call = begun(DirectCalls.UnmapPage.OFF);
    if (pool.contains(dmaAddr)) {
      if ((attributes & DmaAttributes.SKIP_CPU_SYNC) == 0) {
        pool.syncForCpu(device, dmaAddr, sizeBytes, direction);
      }
      int synced = attributes | DmaAttributes.SKIP_CPU_SYNC;
      pool.unmapSingle(device, dmaAddr, sizeBytes, sizeBytes, direction, synced);
    }
    call.done(device, dmaAddr, sizeBytes, direction, attributes);
  }

  @Override
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    if (DmaReach.isCapable(device, phys, sizeBytes)) {
      return phys;
    }
    resourceOverflow.print(device, () -> DmaReach.overflow("DMA addr", device, phys, sizeBytes));
    return DmaMapping.MAPPING_ERROR;
  }

  // kernel/dma/mapping.c:dma_unmap_resource has nothing to do without operations.
  @Override
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {}

  @Override
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    return coherent.allocate(device, sizeBytes);
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    coherent.pages().free(buffer.phys());
  }

  // kernel/dma/direct.c:dma_direct_alloc_pages: whatever the direction, such pages do not bounce.
  @Override
  public @Nullable DmaPages allocPages(Device device, long sizeBytes, DmaDirection direction) {
    CoherentBuffer pages = coherent.allocate(device, sizeBytes);
    return pages == null
        ? null
        : new DmaPages(pages.phys(), pages.dmaAddr(), pages.sizeBytes(), direction);
  }

  @Override
  public void freePages(Device device, DmaPages pages) {
    coherent.pages().free(pages.phys());
  }

  @Override
  public boolean exportsCoherent() {
    return true;
  }

  @Override
  public void syncSingleForCpu(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    if (pool.contains(dmaAddr)) {
      pool.syncForCpu(device, dmaAddr, sizeBytes, direction);
    }
  }

  @Override
  public void syncSingleForDevice(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    if (pool.contains(dmaAddr)) {
      pool.syncForDevice(device, dmaAddr, sizeBytes, direction);
    }
  }

  @Override
  public long requiredMask(Device device) {
    return DmaReach.requiredMask(maxPfn());
  }

  // kernel/dma/direct.c:dma_direct_max_mapping_size
  @Override
  public long maxMappingSizeBytes(Device device) {
    boolean bounces = pool.bouncesAlways() || isLimited(device);
    return pool.isActive() && bounces ? pool.maxMappingSizeBytes(device) : DmaMapping.NO_LIMIT;
  }

  // include/linux/dma-mapping.h:dma_addressing_limited
  private boolean isLimited(Device device) {
    long reach = DmaReach.limit(device, DmaMapping.getMask(device));
    return Long.compareUnsigned(reach, requiredMask(device)) < 0;
  }

  @Override
  public boolean needsSync(Device device, long dmaAddr) {
    return pool.contains(dmaAddr);
  }
}
