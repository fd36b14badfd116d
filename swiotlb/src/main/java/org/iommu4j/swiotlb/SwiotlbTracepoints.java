package org.iommu4j.swiotlb;

import java.util.List;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.Tracepoints;

/** Names this module's tracepoints; found with {@link java.util.ServiceLoader}. */
public final class SwiotlbTracepoints implements Tracepoints {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public SwiotlbTracepoints() {}

  @Override
  public List<Class<? extends KernelCall>> calls() {
    return List.of(
        SwiotlbCalls.SwiotlbMap.class,
        SwiotlbCalls.TblMapSingle.class,
        SwiotlbCalls.FindSlots.class,
        SwiotlbCalls.Bounce.class,
        SwiotlbCalls.TblUnmapSingle.class,
        SwiotlbCalls.TblSyncSingle.class);
  }
}
