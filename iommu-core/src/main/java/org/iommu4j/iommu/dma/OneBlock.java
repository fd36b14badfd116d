package org.iommu4j.iommu.dma;

import org.iommu4j.base.Pages;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.iommu.spi.SystemServices;
import org.jspecify.annotations.Nullable;

/**
 * Coherent memory that is one run of frames, a power of two of them. Thread-safe.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_alloc_pages}.
 */
final class OneBlock implements CoherentMemory {
  private final DeviceMapper mapper;
  private final SystemServices services;

  OneBlock(DeviceMapper mapper, SystemServices services) {
    this.mapper = mapper;
    this.services = services;
  }

  @Override
  public @Nullable CoherentBuffer allocate(Device device, long sizeBytes, int attributes) {
    long wholeBytes = Pages.alignUp(sizeBytes);
    int order = PageAllocator.orderOf(wholeBytes);
    if (order > FrameAllocator.MAX_ORDER) {
      return null;
    }
    long phys = services.buffers().allocate(order, MemoryZone.NORMAL);
    if (phys == PageAllocator.NONE) {
      return null;
    }
    services.memory().fill(phys, wholeBytes, (byte) 0);
    int protection = DeviceMapper.protection(DmaDirection.BIDIRECTIONAL, attributes);
    long dmaAddr = mapper.map(device, phys, sizeBytes, protection, device.coherentDmaMask());
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      services.buffers().free(phys);
      return null;
    }
    return new CoherentBuffer(phys, dmaAddr, sizeBytes);
  }

  @Override
  public void free(CoherentBuffer buffer) {
    mapper.unmap(buffer.dmaAddr(), buffer.sizeBytes());
    services.buffers().free(buffer.phys());
  }
}
