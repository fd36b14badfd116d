package org.iommu4j.dma;

import static org.iommu4j.base.trace.KernelCall.begun;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.jspecify.annotations.Nullable;

/**
 * Tells the flight recorder of the calls of the DMA API that map and unmap pages. The event of a
 * call that is recorded is itself told how the call ends.
 */
final class DmaRecorder implements DmaObserver {
  static final DmaRecorder INSTANCE = new DmaRecorder();

  private DmaRecorder() {}

  @Override
  public DmaObserver begins(DmaCall call, Device device, DmaOps ops) {
    if (call == DmaCall.MAP_PAGE) {
      MapPage event = begun(MapPage.OFF);
      return event == MapPage.OFF ? this : event.of(device, ops);
    }
    if (call == DmaCall.UNMAP_PAGE) {
      UnmapPage event = begun(UnmapPage.OFF);
      return event == UnmapPage.OFF ? this : event.of(device, ops);
    }
    return this;
  }

  @Name("org.iommu4j.dma_map_page_attrs")
  @Label("dma_map_page_attrs")
  @KernelSource("kernel/dma/mapping.c:dma_map_page_attrs")
  @SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
  static final class MapPage extends BufferCalls.Mapping implements DmaObserver {
    private static final MapPage OFF = new MapPage();

    private @Nullable String device;
    private @Nullable String ops;
    @MemoryAddress private long page;
    @MemoryAddress private long offset;
    private long size;
    private @Nullable String dir;
    private int attrs;

    private MapPage of(Device device, DmaOps ops) {
      this.device = device.name();
      this.ops = ops.symbol();
      return this;
    }

    @Override
    public void mapPage(
        Device device,
        long pagePhys,
        long offsetBytes,
        long sizeBytes,
        DmaDirection direction,
        int attributes,
        long dmaAddr) {
      if (isRecorded()) {
        page = pagePhys;
        offset = offsetBytes;
        size = sizeBytes;
        dir = direction.kernelName();
        attrs = attributes;
        commitWith(dmaAddr);
      }
    }
  }

  @Name("org.iommu4j.dma_unmap_page_attrs")
  @Label("dma_unmap_page_attrs")
  @KernelSource("kernel/dma/mapping.c:dma_unmap_page_attrs")
  @SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
  static final class UnmapPage extends KernelCall implements DmaObserver {
    private static final UnmapPage OFF = new UnmapPage();

    private @Nullable String device;
    private @Nullable String ops;
    @MemoryAddress private long addr;
    private long size;
    private @Nullable String dir;
    private int attrs;

    private UnmapPage of(Device device, DmaOps ops) {
      this.device = device.name();
      this.ops = ops.symbol();
      return this;
    }

    @Override
    public void unmapPage(
        Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
      if (isRecorded()) {
        addr = dmaAddr;
        size = sizeBytes;
        dir = direction.kernelName();
        attrs = attributes;
        commit();
      }
    }
  }
}
