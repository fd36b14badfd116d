package org.iommu4j.passthrough;

import java.util.List;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.Tracepoints;

/** Names this module's tracepoints; found with {@link java.util.ServiceLoader}. */
public final class DirectTracepoints implements Tracepoints {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public DirectTracepoints() {}

  @Override
  public List<Class<? extends KernelCall>> calls() {
    return List.of(DirectCalls.MapPage.class, DirectCalls.UnmapPage.class);
  }
}
