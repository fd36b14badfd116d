package org.iommu4j.dma;

import java.util.List;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.Tracepoints;

/** Names this module's tracepoints; found with {@link java.util.ServiceLoader}. */
public final class DmaTracepoints implements Tracepoints {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public DmaTracepoints() {}

  @Override
  public List<Class<? extends KernelCall>> calls() {
    return List.of(DmaRecorder.MapPage.class, DmaRecorder.UnmapPage.class);
  }
}
