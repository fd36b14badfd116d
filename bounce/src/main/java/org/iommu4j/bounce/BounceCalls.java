package org.iommu4j.bounce;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.dma.BufferCalls;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.jspecify.annotations.Nullable;

/** The calls of the bounce operations, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class BounceCalls {
  private BounceCalls() {}

  @Name("org.iommu4j.bounce_map_page")
  @Label("bounce_map_page")
  @KernelSource("drivers/iommu/intel/iommu.c:bounce_map_page")
  static final class MapPage extends BufferCalls.MapPage {
    static final MapPage OFF = new MapPage();
  }

  @Name("org.iommu4j.bounce_unmap_page")
  @Label("bounce_unmap_page")
  @KernelSource("drivers/iommu/intel/iommu.c:bounce_unmap_page")
  static final class UnmapPage extends BufferCalls.UnmapPage {
    static final UnmapPage OFF = new UnmapPage();
  }

  @Name("org.iommu4j.bounce_map_single")
  @Label("bounce_map_single")
  @KernelSource("drivers/iommu/intel/iommu.c:bounce_map_single")
  static final class MapSingle extends BufferCalls.Mapping {
    static final MapSingle OFF = new MapSingle();

    private @Nullable String device;
    @MemoryAddress private long paddr;
    private long size;
    private @Nullable String dir;
    private int attrs;
    @MemoryAddress private long dmaMask;

    void done(Device device, long paddr, long size, DmaDirection dir, int attrs, long answer) {
      if (isRecorded()) {
        this.device = device.name();
        this.paddr = paddr;
        this.size = size;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        dmaMask = device.dmaMask();
        commitWith(answer);
      }
    }
  }

  @Name("org.iommu4j.bounce_unmap_single")
  @Label("bounce_unmap_single")
  @KernelSource("drivers/iommu/intel/iommu.c:bounce_unmap_single")
  static final class UnmapSingle extends BufferCalls.UnmapPage {
    static final UnmapSingle OFF = new UnmapSingle();
  }
}
