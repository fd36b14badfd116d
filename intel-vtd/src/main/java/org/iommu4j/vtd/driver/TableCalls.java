package org.iommu4j.vtd.driver;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.vtd.policy.RemappingUnit;
import org.jspecify.annotations.Nullable;

/** The calls of Intel's driver about page tables and what the hardware keeps of them, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class TableCalls {
  private TableCalls() {}

  @Name("org.iommu4j.domain_pfn_mapping")
  @Label("domain_pfn_mapping")
  @KernelSource(
      value = "drivers/iommu/intel/iommu.c:domain_pfn_mapping",
      later = "6.1 drivers/iommu/intel/iommu.c:__domain_mapping")
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
  @KernelSource(
      value = "drivers/iommu/intel/iommu.c:alloc_pgtable_page",
      later = "6.12 drivers/iommu/iommu-pages.h:iommu_alloc_page_node")
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

  @Name("org.iommu4j.domain_unmap")
  @Label("domain_unmap")
  @KernelSource("drivers/iommu/intel/iommu.c:domain_unmap")
  static final class DomainUnmap extends KernelCall {
    static final DomainUnmap OFF = new DomainUnmap();

    @MemoryAddress private long startPfn;
    @MemoryAddress private long lastPfn;

    void done(long startPfn, long lastPfn) {
      if (isRecorded()) {
        this.startPfn = startPfn;
        this.lastPfn = lastPfn;
        commit();
      }
    }
  }

  @Name("org.iommu4j.iommu_flush_iotlb_psi")
  @Label("iommu_flush_iotlb_psi")
  @KernelSource(
      value = "drivers/iommu/intel/iommu.c:iommu_flush_iotlb_psi",
      later = "6.12 drivers/iommu/intel/cache.c:cache_tag_flush_iotlb")
  static final class FlushIotlbPsi extends KernelCall {
    static final FlushIotlbPsi OFF = new FlushIotlbPsi();

    private @Nullable String iommu;
    @MemoryAddress private long pfn;
    private long pages;
    private boolean ih;

    // The unit and not its name, which is put together anew by whoever asks for it.
    void done(RemappingUnit unit, long pfn, long pages, boolean ih) {
      if (isRecorded()) {
        this.iommu = unit.name();
        this.pfn = pfn;
        this.pages = pages;
        this.ih = ih;
        commit();
      }
    }
  }
}
