package org.iommu4j.passthrough;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.dma.BufferCalls;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.jspecify.annotations.Nullable;

/** The calls of direct mapping, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class DirectCalls {
  private DirectCalls() {}

  @Name("org.iommu4j.dma_direct_map_page")
  @Label("dma_direct_map_page")
  @KernelSource("kernel/dma/direct.h:dma_direct_map_page")
  static final class MapPage extends BufferCalls.Mapping {
    static final MapPage OFF = new MapPage();

    private @Nullable String device;
    @MemoryAddress private long phys;
    private long size;
    private @Nullable String dir;
    private int attrs;

    void done(Device device, long phys, long size, DmaDirection dir, int attrs, long answer) {
      if (isRecorded()) {
        this.device = device.name();
        this.phys = phys;
        this.size = size;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        commitWith(answer);
      }
    }
  }

  @Name("org.iommu4j.dma_direct_unmap_page")
  @Label("dma_direct_unmap_page")
  @KernelSource("kernel/dma/direct.h:dma_direct_unmap_page")
  static final class UnmapPage extends KernelCall {
    static final UnmapPage OFF = new UnmapPage();

    private @Nullable String device;
    @MemoryAddress private long addr;
    private long size;
    private @Nullable String dir;
    private int attrs;

    void done(Device device, long addr, long size, DmaDirection dir, int attrs) {
      if (isRecorded()) {
        this.device = device.name();
        this.addr = addr;
        this.size = size;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        commit();
      }
    }
  }
}
