package org.iommu4j.swiotlb;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.dma.BufferCalls;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.jspecify.annotations.Nullable;

/** The calls of the pool of bounce slots, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class SwiotlbCalls {
  private SwiotlbCalls() {}

  @Name("org.iommu4j.swiotlb_map")
  @Label("swiotlb_map")
  @KernelSource("kernel/dma/swiotlb.c:swiotlb_map")
  static final class SwiotlbMap extends BufferCalls.Mapping {
    static final SwiotlbMap OFF = new SwiotlbMap();

    private @Nullable String device;
    @MemoryAddress private long paddr;
    private long size;
    private int attrs;

    void done(Device device, long paddr, long size, int attrs, long answer) {
      if (isRecorded()) {
        this.device = device.name();
        this.paddr = paddr;
        this.size = size;
        this.attrs = attrs;
        commitWith(answer);
      }
    }
  }

  @Name("org.iommu4j.swiotlb_tbl_map_single")
  @Label("swiotlb_tbl_map_single")
  @KernelSource("kernel/dma/swiotlb.c:swiotlb_tbl_map_single")
  static final class TblMapSingle extends BufferCalls.Mapping {
    static final TblMapSingle OFF = new TblMapSingle();

    private @Nullable String device;
    @MemoryAddress private long origAddr;
    private long mappingSize;
    private long allocSize;
    private int attrs;

    void done(
        Device device, long origAddr, long mappingSize, long allocSize, int attrs, long answer) {
      if (isRecorded()) {
        this.device = device.name();
        this.origAddr = origAddr;
        this.mappingSize = mappingSize;
        this.allocSize = allocSize;
        this.attrs = attrs;
        commitWith(answer);
      }
    }
  }

  @Name("org.iommu4j.find_slots")
  @Label("find_slots")
  @KernelSource(
      value = "kernel/dma/swiotlb.c:find_slots",
      later = {
        "6.1 kernel/dma/swiotlb.c:swiotlb_do_find_slots",
        "6.12 kernel/dma/swiotlb.c:swiotlb_search_pool_area"
      })
  static final class FindSlots extends KernelCall {
    static final FindSlots OFF = new FindSlots();

    @MemoryAddress private long origAddr;
    private long allocSize;
    private int answer;

    void done(long origAddr, long allocSize, int answer) {
      if (isRecorded()) {
        this.origAddr = origAddr;
        this.allocSize = allocSize;
        this.answer = answer;
        failed = answer == SlotTable.NONE;
        commit();
      }
    }
  }

  @Name("org.iommu4j.swiotlb_bounce")
  @Label("swiotlb_bounce")
  @KernelSource("kernel/dma/swiotlb.c:swiotlb_bounce")
  static final class Bounce extends KernelCall {
    static final Bounce OFF = new Bounce();

    @MemoryAddress private long from;
    @MemoryAddress private long to;
    private long size;

    void done(long from, long to, long size) {
      if (isRecorded()) {
        this.from = from;
        this.to = to;
        this.size = size;
        commit();
      }
    }
  }

  @Name("org.iommu4j.swiotlb_tbl_unmap_single")
  @Label("swiotlb_tbl_unmap_single")
  @KernelSource(
      value = "kernel/dma/swiotlb.c:swiotlb_tbl_unmap_single",
      later = "6.12 kernel/dma/swiotlb.c:__swiotlb_tbl_unmap_single")
  static final class TblUnmapSingle extends KernelCall {
    static final TblUnmapSingle OFF = new TblUnmapSingle();

    private @Nullable String device;
    @MemoryAddress private long tlbAddr;
    private long mappingSize;
    private long allocSize;
    private @Nullable String dir;
    private int attrs;

    void done(
        Device device,
        long tlbAddr,
        long mappingSize,
        long allocSize,
        DmaDirection dir,
        int attrs) {
      if (isRecorded()) {
        this.device = device.name();
        this.tlbAddr = tlbAddr;
        this.mappingSize = mappingSize;
        this.allocSize = allocSize;
        this.dir = dir.kernelName();
        this.attrs = attrs;
        commit();
      }
    }
  }

  @Name("org.iommu4j.swiotlb_tbl_sync_single")
  @Label("swiotlb_tbl_sync_single")
  @KernelSource(
      value = "kernel/dma/swiotlb.c:swiotlb_tbl_sync_single",
      later = {
        "6.1 kernel/dma/swiotlb.c:swiotlb_sync_single_for_{target}",
        "6.12 kernel/dma/swiotlb.c:__swiotlb_sync_single_for_{target}"
      })
  static final class TblSyncSingle extends KernelCall {
    static final TblSyncSingle OFF = new TblSyncSingle();

    private @Nullable String device;
    @MemoryAddress private long tlbAddr;
    private long size;
    private @Nullable String dir;
    private @Nullable String target;

    void done(Device device, long tlbAddr, long size, DmaDirection dir, String target) {
      if (isRecorded()) {
        this.device = device.name();
        this.tlbAddr = tlbAddr;
        this.size = size;
        this.dir = dir.kernelName();
        this.target = target;
        commit();
      }
    }
  }
}
