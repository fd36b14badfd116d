package org.iommu4j.vtd.dma;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.bounce.IovaMapper;
import org.iommu4j.dma.BufferCalls;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.jspecify.annotations.Nullable;

/** The calls of Intel's DMA operations that map and look up, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class MapCalls {
  private MapCalls() {}

  @Name("org.iommu4j.intel_map_page")
  @Label("intel_map_page")
  @KernelSource("drivers/iommu/intel/iommu.c:intel_map_page")
  static final class MapPage extends BufferCalls.MapPage {
    static final MapPage OFF = new MapPage();
  }

  @Name("org.iommu4j.__intel_map_single")
  @Label("__intel_map_single")
  @KernelSource("drivers/iommu/intel/iommu.c:__intel_map_single")
  static final class MapSingle extends BufferCalls.Mapping {
    static final MapSingle OFF = new MapSingle();

    private @Nullable String device;
    @MemoryAddress private long paddr;
    private long size;
    private @Nullable String dir;
    @MemoryAddress private long dmaMask;

    void done(Device device, long paddr, long size, DmaDirection dir, long dmaMask, long answer) {
      if (isRecorded()) {
        this.device = device.name();
        this.paddr = paddr;
        this.size = size;
        this.dir = dir.kernelName();
        this.dmaMask = dmaMask;
        commitWith(answer);
      }
    }
  }

  @Name("org.iommu4j.intel_alloc_iova")
  @Label("intel_alloc_iova")
  @KernelSource("drivers/iommu/intel/iommu.c:intel_alloc_iova")
  static final class AllocIova extends KernelCall {
    static final AllocIova OFF = new AllocIova();

    private long nrpages;
    @MemoryAddress private long dmaMask;
    @MemoryAddress private long answer;

    void done(long nrpages, long dmaMask, long answer) {
      if (isRecorded()) {
        this.nrpages = nrpages;
        this.dmaMask = dmaMask;
        this.answer = answer;
        failed = answer == IovaMapper.NO_IOVA_PFN;
        commit();
      }
    }
  }

  @Name("org.iommu4j.intel_iommu_iova_to_phys")
  @Label("intel_iommu_iova_to_phys")
  @KernelSource("drivers/iommu/intel/iommu.c:intel_iommu_iova_to_phys")
  static final class IovaToPhys extends KernelCall {
    static final IovaToPhys OFF = new IovaToPhys();

    @MemoryAddress private long iova;
    @MemoryAddress private long answer;

    void done(long iova, long answer) {
      if (isRecorded()) {
        this.iova = iova;
        this.answer = answer;
        failed = answer == 0;
        commit();
      }
    }
  }
}
