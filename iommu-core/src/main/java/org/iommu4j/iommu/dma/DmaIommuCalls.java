package org.iommu4j.iommu.dma;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.dma.BufferCalls;

/** The calls of dma-iommu, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class DmaIommuCalls {
  private DmaIommuCalls() {}

  @Name("org.iommu4j.iommu_dma_map_page")
  @Label("iommu_dma_map_page")
  @KernelSource("drivers/iommu/dma-iommu.c:iommu_dma_map_page")
  static final class MapPage extends BufferCalls.MapPage {
    static final MapPage OFF = new MapPage();
  }

  @Name("org.iommu4j.iommu_dma_unmap_page")
  @Label("iommu_dma_unmap_page")
  @KernelSource("drivers/iommu/dma-iommu.c:iommu_dma_unmap_page")
  static final class UnmapPage extends BufferCalls.UnmapPage {
    static final UnmapPage OFF = new UnmapPage();
  }

  @Name("org.iommu4j.iommu_dma_alloc_iova")
  @Label("iommu_dma_alloc_iova")
  @KernelSource("drivers/iommu/dma-iommu.c:iommu_dma_alloc_iova")
  static final class AllocIova extends KernelCall {
    static final AllocIova OFF = new AllocIova();

    private long size;
    @MemoryAddress private long dmaLimit;
    @MemoryAddress private long answer;

    void done(long size, long dmaLimit, long answer) {
      if (isRecorded()) {
        this.size = size;
        this.dmaLimit = dmaLimit;
        this.answer = answer;
        failed = answer == DeviceAddresses.NONE;
        commit();
      }
    }
  }

  @Name("org.iommu4j.__iommu_dma_unmap")
  @Label("__iommu_dma_unmap")
  @KernelSource("drivers/iommu/dma-iommu.c:__iommu_dma_unmap")
  static final class Unmap extends KernelCall {
    static final Unmap OFF = new Unmap();

    @MemoryAddress private long dmaAddr;
    private long size;

    void done(long dmaAddr, long size) {
      if (isRecorded()) {
        this.dmaAddr = dmaAddr;
        this.size = size;
        commit();
      }
    }
  }
}
