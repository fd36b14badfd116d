package org.iommu4j.iova;

import java.util.List;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.Tracepoints;

/** Names this module's tracepoints; found with {@link java.util.ServiceLoader}. */
public final class IovaTracepoints implements Tracepoints {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public IovaTracepoints() {}

  @Override
  public List<Class<? extends KernelCall>> calls() {
    return List.of(
        IovaCalls.AllocFast.class,
        IovaCalls.Alloc.class,
        IovaCalls.FreeFast.class,
        IovaCalls.Queue.class,
        IovaCalls.FlushTimeout.class,
        IovaCalls.DomainFlush.class);
  }
}
