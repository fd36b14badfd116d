package org.iommu4j.vtd.driver;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.dma.BufferCalls;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.iommu.spi.DmaRemapper;
import org.jspecify.annotations.Nullable;

/** The calls of Intel's driver that map and look up, as events. */
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
        failed = answer == DmaRemapper.NO_IOVA_PFN;
        commit();
      }
    }
  }

  @Name("org.iommu4j.domain_pfn_mapping")
  @Label("domain_pfn_mapping")
  @KernelSource("drivers/iommu/intel/iommu.c:domain_pfn_mapping")
  static final class DomainPfnMapping extends KernelCall {
    static final DomainPfnMapping OFF = new DomainPfnMapping();

    @MemoryAddress private long iovPfn;
    @MemoryAddress private long physPfn;
    private long nrPages;
    @MemoryAddress private long prot;
    private int answer;

    void done(long iovPfn, long physPfn, long nrPages, long prot, int answer) {
      if (isRecorded()) {
        this.iovPfn = iovPfn;
        this.physPfn = physPfn;
        this.nrPages = nrPages;
        this.prot = prot;
        this.answer = answer;
        failed = answer != 0;
        commit();
      }
    }
  }

  @Name("org.iommu4j.alloc_pgtable_page")
  @Label("alloc_pgtable_page")
  @KernelSource("drivers/iommu/intel/iommu.c:alloc_pgtable_page")
  static final class AllocPgtablePage extends KernelCall {
    static final AllocPgtablePage OFF = new AllocPgtablePage();

    @MemoryAddress private long answer;

    void done(long answer) {
      if (isRecorded()) {
        this.answer = answer;
        failed = answer == FrameAllocator.NONE;
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
