package org.iommu4j.bounce;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.jspecify.annotations.Nullable;

/** The calls of the bounce operations, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class BounceCalls {
  private BounceCalls() {}

  @Name("org.iommu4j.bounce_map_page")
  @Label("bounce_map_page")
  @KernelSource("drivers/iommu/intel/iommu.c:bounce_map_page")
  static final class MapPage extends KernelCall {
    private static final MapPage OFF = new MapPage();

    private @Nullable String device;
    @MemoryAddress private long paddr;
    private long size;
    private @Nullable String dir;
    private int attrs;
    @MemoryAddress private long answer;

    static MapPage begun() {
      return begun(OFF, MapPage::new);
    }

    void done(Device device, long paddr, long size, DmaDirection dir, int attrs, long answer) {
      if (isRecorded()) {
        this.device = device.name();
        this.paddr = paddr;
        this.size = size;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        this.answer = answer;
        failed = answer == DmaMapping.MAPPING_ERROR;
        commit();
      }
    }
  }

  @Name("org.iommu4j.bounce_unmap_page")
  @Label("bounce_unmap_page")
  @KernelSource("drivers/iommu/intel/iommu.c:bounce_unmap_page")
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

  @Name("org.iommu4j.bounce_map_single")
  @Label("bounce_map_single")
  @KernelSource("drivers/iommu/intel/iommu.c:bounce_map_single")
  static final class MapSingle extends KernelCall {
    private static final MapSingle OFF = new MapSingle();

    private @Nullable String device;
    @MemoryAddress private long paddr;
    private long size;
    private @Nullable String dir;
    private int attrs;
    @MemoryAddress private long dmaMask;
    @MemoryAddress private long answer;

    static MapSingle begun() {
      return begun(OFF, MapSingle::new);
    }

    void done(Device device, long paddr, long size, DmaDirection dir, int attrs, long answer) {
      if (isRecorded()) {
        this.device = device.name();
        this.paddr = paddr;
        this.size = size;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        dmaMask = device.dmaMask();
        this.answer = answer;
        failed = answer == DmaMapping.MAPPING_ERROR;
        commit();
      }
    }
  }

  @Name("org.iommu4j.bounce_unmap_single")
  @Label("bounce_unmap_single")
  @KernelSource("drivers/iommu/intel/iommu.c:bounce_unmap_single")
  static final class UnmapSingle extends KernelCall {
    private static final UnmapSingle OFF = new UnmapSingle();

    private @Nullable String device;
    @MemoryAddress private long devAddr;
    private long size;
    private @Nullable String dir;
    private int attrs;

    static UnmapSingle begun() {
      return begun(OFF, UnmapSingle::new);
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
}
