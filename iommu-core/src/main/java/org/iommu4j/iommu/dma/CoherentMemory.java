package org.iommu4j.iommu.dma;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.jspecify.annotations.Nullable;

/**
 * Memory that a device shares with the CPU. Implementations are thread-safe.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_alloc}.
 */
interface CoherentMemory {
  /**
   * Allocates zeroed memory, mapped both ways under the device's coherent mask.
   *
   * @param attributes bits of {@link org.iommu4j.dma.DmaAttributes}
   * @return the memory, or null if there is none, or no address for it
   */
  @Nullable CoherentBuffer allocate(Device device, long sizeBytes, int attributes);

  /** Unmaps and frees what {@link #allocate} returned. */
  void free(CoherentBuffer buffer);
}
