package org.iommu4j.iova;

import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;

/** The calls of the allocator of I/O addresses, as events. */
@SuppressWarnings("UnusedVariable") // the flight recorder reads the fields
final class IovaCalls {
  private IovaCalls() {}

  @Name("org.iommu4j.alloc_iova_fast")
  @Label("alloc_iova_fast")
  @KernelSource("drivers/iommu/iova.c:alloc_iova_fast")
  static final class AllocFast extends KernelCall {
    static final AllocFast OFF = new AllocFast();

    private long size;
    @MemoryAddress private long limitPfn;
    private boolean flushRcache;
    @MemoryAddress private long answer;

    void done(long size, long limitPfn, boolean flushRcache, long answer) {
      if (isRecorded()) {
        this.size = size;
        this.limitPfn = limitPfn;
        this.flushRcache = flushRcache;
        this.answer = answer;
        failed = answer == 0;
        commit();
      }
    }
  }

  @Name("org.iommu4j.alloc_iova")
  @Label("alloc_iova")
  @KernelSource("drivers/iommu/iova.c:alloc_iova")
  static final class Alloc extends KernelCall {
    static final Alloc OFF = new Alloc();

    private long size;
    @MemoryAddress private long limitPfn;
    private boolean sizeAligned;
    @MemoryAddress private long answer;

    void done(long size, long limitPfn, boolean sizeAligned, long answer) {
      if (isRecorded()) {
        this.size = size;
        this.limitPfn = limitPfn;
        this.sizeAligned = sizeAligned;
        this.answer = answer;
        failed = answer == IovaDomain.NO_PFN;
        commit();
      }
    }
  }

  @Name("org.iommu4j.free_iova_fast")
  @Label("free_iova_fast")
  @KernelSource("drivers/iommu/iova.c:free_iova_fast")
  static final class FreeFast extends KernelCall {
    static final FreeFast OFF = new FreeFast();

    @MemoryAddress private long pfn;
    private long size;

    void done(long pfn, long size) {
      if (isRecorded()) {
        this.pfn = pfn;
        this.size = size;
        commit();
      }
    }
  }

  @Name("org.iommu4j.queue_iova")
  @Label("queue_iova")
  @KernelSource(
      value = "drivers/iommu/iova.c:queue_iova",
      later = "6.1 drivers/iommu/dma-iommu.c:queue_iova")
  static final class Queue extends KernelCall {
    static final Queue OFF = new Queue();

    @MemoryAddress private long pfn;
    private long pages;

    void done(long pfn, long pages) {
      if (isRecorded()) {
        this.pfn = pfn;
        this.pages = pages;
        commit();
      }
    }
  }

  @Name("org.iommu4j.fq_flush_timeout")
  @Label("fq_flush_timeout")
  @KernelSource(
      value = "drivers/iommu/iova.c:fq_flush_timeout",
      later = "6.1 drivers/iommu/dma-iommu.c:fq_flush_timeout")
  static final class FlushTimeout extends KernelCall.Bare {
    static final FlushTimeout OFF = new FlushTimeout();
  }

  @Name("org.iommu4j.iova_domain_flush")
  @Label("iova_domain_flush")
  @KernelSource(
      value = "drivers/iommu/iova.c:iova_domain_flush",
      later = "6.1 drivers/iommu/dma-iommu.c:fq_flush_iotlb")
  static final class DomainFlush extends KernelCall.Bare {
    static final DomainFlush OFF = new DomainFlush();
  }
}
