package org.iommu4j.dma;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.jspecify.annotations.Nullable;

/** The calls of the DMA API, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class DmaCalls {
  private DmaCalls() {}

  @Name("org.iommu4j.dma_map_page_attrs")
  @Label("dma_map_page_attrs")
  @KernelSource("kernel/dma/mapping.c:dma_map_page_attrs")
  static final class MapPage extends BufferCalls.Mapping {
    static final MapPage OFF = new MapPage();

    private @Nullable String device;
    private @Nullable String ops;
    @MemoryAddress private long page;
    @MemoryAddress private long offset;
    private long size;
    private @Nullable String dir;
    private int attrs;

    void done(
        Device device,
        DmaOps ops,
        long page,
        long offset,
        long size,
        DmaDirection dir,
        int attrs,
        long answer) {
      if (isRecorded()) {
        this.device = device.name();
        this.ops = ops.symbol();
        this.page = page;
        this.offset = offset;
        this.size = size;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        commitWith(answer);
      }
    }
  }

  @Name("org.iommu4j.dma_unmap_page_attrs")
  @Label("dma_unmap_page_attrs")
  @KernelSource("kernel/dma/mapping.c:dma_unmap_page_attrs")
  static final class UnmapPage extends KernelCall {
    static final UnmapPage OFF = new UnmapPage();

    private @Nullable String device;
    private @Nullable String ops;
    @MemoryAddress private long addr;
    private long size;
    private @Nullable String dir;
    private int attrs;

    void done(Device device, DmaOps ops, long addr, long size, DmaDirection dir, int attrs) {
      if (isRecorded()) {
        this.device = device.name();
        this.ops = ops.symbol();
        this.addr = addr;
        this.size = size;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        commit();
      }
    }
  }
}
