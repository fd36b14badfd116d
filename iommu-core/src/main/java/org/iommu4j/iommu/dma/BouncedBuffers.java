package org.iommu4j.iommu.dma;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.dma.DmaIommuRules.Padding;
import org.iommu4j.swiotlb.SwiotlbPool;

/**
 * Copies of buffers in pages of their own, for a device that must not see what lies beside them.
 *
 * <p>Thread-safe, as far as two threads do not use the same buffer; allocates nothing unless
 * something fails.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_map_page}.
 */
final class BouncedBuffers {
  private final PhysicalMemory memory;
  private final SwiotlbPool pool;
  private final Padding padding;
  private final long granuleMask;
  private final DeviceLog.Once inactive;

  /**
   * Makes the copies of one device's buffers.
   *
   * @param granuleMask the low bits of an address that lie within a page
   * @param inactive where the first device is told that there is no pool for
   */
  BouncedBuffers(
      PhysicalMemory memory,
      SwiotlbPool pool,
      Padding padding,
      long granuleMask,
      DeviceLog.Once inactive) {
    this.memory = memory;
    this.pool = pool;
    this.padding = padding;
    this.granuleMask = granuleMask;
    this.inactive = inactive;
  }

  /** Returns whether a buffer fills its pages, so that there is nothing beside it. */
  boolean fillsPages(long phys, long sizeBytes) {
    return ((phys | sizeBytes) & granuleMask) == 0;
  }

  /**
   * Copies a buffer; returns where to, or {@link DmaMapping#MAPPING_ERROR} if there is no room.
   *
   * @param attributes bits of {@link DmaAttributes}
   */
  long copy(Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    if (!pool.isActive()) {
      inactive.print(
          device, () -> "DMA bounce buffers are inactive, unable to map unaligned transaction.");
      return DmaMapping.MAPPING_ERROR;
    }
    long copyPhys =
        pool.mapSingle(
            device, phys, sizeBytes, wholePages(sizeBytes), (int) granuleMask, attributes);
    if (copyPhys != DmaMapping.MAPPING_ERROR) {
      clearPadding(copyPhys, sizeBytes, direction, attributes);
    }
    return copyPhys;
  }

  private long wholePages(long sizeBytes) {
    return (sizeBytes + granuleMask) & ~granuleMask;
  }

  private void clearPadding(long copyPhys, long sizeBytes, DmaDirection direction, int attributes) {
    if (padding == Padding.AROUND_DATA) {
      long offset = copyPhys & granuleMask;
      memory.fill(copyPhys - offset, offset, (byte) 0);
      long endPhys = copyPhys + sizeBytes;
      memory.fill(endPhys, -endPhys & granuleMask, (byte) 0);
      return;
    }
    boolean isRead = direction.deviceReads() && (attributes & DmaAttributes.SKIP_CPU_SYNC) == 0;
    long keptBytes = isRead ? sizeBytes : 0;
    memory.fill(copyPhys + keptBytes, wholePages(sizeBytes) - keptBytes, (byte) 0);
  }

  /** Returns whether an address is that of a copy. */
  boolean isCopy(long phys) {
    return pool.contains(phys);
  }

  /** Copies back what the device may have written, and drops the copy. */
  void drop(Device device, long copyPhys, long sizeBytes, DmaDirection direction, int attributes) {
    pool.unmapSingle(device, copyPhys, sizeBytes, wholePages(sizeBytes), direction, attributes);
  }

  /** Copies part of a copy back, if the device may have written it. */
  void syncForCpu(Device device, long copyPhys, long sizeBytes, DmaDirection direction) {
    pool.syncForCpu(device, copyPhys, sizeBytes, direction);
  }

  /** Copies part of a buffer again, if the device may read it. */
  void syncForDevice(Device device, long copyPhys, long sizeBytes, DmaDirection direction) {
    pool.syncForDevice(device, copyPhys, sizeBytes, direction);
  }

  /** Returns the size of the largest buffer that fits, in bytes. */
  long maxBytes(Device device) {
    return pool.maxMappingSizeBytes(device);
  }
}
