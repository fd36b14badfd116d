package org.iommu4j.iommu.dma;

import java.util.List;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.Tracepoints;

/** Names the calls of this package that are events. */
public final class DmaIommuTracepoints implements Tracepoints {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public DmaIommuTracepoints() {}

  @Override
  public List<Class<? extends KernelCall>> calls() {
    return List.of(
        DmaIommuCalls.MapPage.class,
        DmaIommuCalls.UnmapPage.class,
        DmaIommuCalls.AllocIova.class,
        DmaIommuCalls.Unmap.class);
  }
}
