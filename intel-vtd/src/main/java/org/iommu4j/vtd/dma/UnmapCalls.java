package org.iommu4j.vtd.dma;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.dma.BufferCalls;
import org.iommu4j.dma.Device;
import org.jspecify.annotations.Nullable;

/** The calls of Intel's DMA operations that unmap and flush, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class UnmapCalls {
  private UnmapCalls() {}

  @Name("org.iommu4j.intel_unmap_page")
  @Label("intel_unmap_page")
  @KernelSource("drivers/iommu/intel/iommu.c:intel_unmap_page")
  static final class UnmapPage extends BufferCalls.UnmapPage {
    static final UnmapPage OFF = new UnmapPage();
  }

  @Name("org.iommu4j.intel_unmap")
  @Label("intel_unmap")
  @KernelSource("drivers/iommu/intel/iommu.c:intel_unmap")
  static final class Unmap extends KernelCall {
    static final Unmap OFF = new Unmap();

    private @Nullable String device;
    @MemoryAddress private long devAddr;
    private long size;

    void done(Device device, long devAddr, long size) {
      if (isRecorded()) {
        this.device = device.name();
        this.devAddr = devAddr;
        this.size = size;
        commit();
      }
    }
  }

  @Name("org.iommu4j.iommu_flush_iova")
  @Label("iommu_flush_iova")
  @KernelSource("drivers/iommu/intel/iommu.c:iommu_flush_iova")
  static final class FlushIova extends KernelCall.Bare {
    static final FlushIova OFF = new FlushIova();
  }
}
