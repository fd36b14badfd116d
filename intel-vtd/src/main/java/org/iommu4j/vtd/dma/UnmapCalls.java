package org.iommu4j.vtd.dma;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.jspecify.annotations.Nullable;

/** The calls of Intel's DMA operations that unmap and flush, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class UnmapCalls {
  private UnmapCalls() {}

  @Name("org.iommu4j.intel_unmap_page")
  @Label("intel_unmap_page")
  @KernelSource("drivers/iommu/intel/iommu.c:intel_unmap_page")
  static final class UnmapPage extends KernelCall {
    private static final UnmapPage OFF = new UnmapPage();

    private @Nullable String device;
    @MemoryAddress private long devAddr;
    private long size;
    private @Nullable String dir;
    private int attrs;

    static UnmapPage begun() {
      return begun(OFF, UnmapPage::new);
    }

    void done(Device device, long devAddr, long size, DmaDirection dir, int attrs) {
      if (isRecorded()) {
        this.device = device.name();
        this.devAddr = devAddr;
        this.size = size;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        commit();
      }
    }
  }

  @Name("org.iommu4j.intel_unmap")
  @Label("intel_unmap")
  @KernelSource("drivers/iommu/intel/iommu.c:intel_unmap")
  static final class Unmap extends KernelCall {
    private static final Unmap OFF = new Unmap();

    private @Nullable String device;
    @MemoryAddress private long devAddr;
    private long size;

    static Unmap begun() {
      return begun(OFF, Unmap::new);
    }

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
  static final class FlushIova extends KernelCall {
    private static final FlushIova OFF = new FlushIova();

    static FlushIova begun() {
      return begun(OFF, FlushIova::new);
    }

    void done() {
      if (isRecorded()) {
        commit();
      }
    }
  }
}
