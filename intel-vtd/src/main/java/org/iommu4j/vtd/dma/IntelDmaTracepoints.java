package org.iommu4j.vtd.dma;

import java.util.List;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.Tracepoints;

/** Names the tracepoints of Intel's DMA operations; found with {@link java.util.ServiceLoader}. */
public final class IntelDmaTracepoints implements Tracepoints {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public IntelDmaTracepoints() {}

  @Override
  public List<Class<? extends KernelCall>> calls() {
    return List.of(
        MapCalls.MapPage.class,
        MapCalls.MapSingle.class,
        MapCalls.AllocIova.class,
        MapCalls.IovaToPhys.class,
        UnmapCalls.UnmapPage.class,
        UnmapCalls.Unmap.class,
        UnmapCalls.FlushIova.class);
  }
}
