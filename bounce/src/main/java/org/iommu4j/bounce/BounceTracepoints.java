package org.iommu4j.bounce;

import java.util.List;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.Tracepoints;

/** Names this module's tracepoints; found with {@link java.util.ServiceLoader}. */
public final class BounceTracepoints implements Tracepoints {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public BounceTracepoints() {}

  @Override
  public List<Class<? extends KernelCall>> calls() {
    return List.of(
        BounceCalls.MapPage.class,
        BounceCalls.UnmapPage.class,
        BounceCalls.MapSingle.class,
        BounceCalls.UnmapSingle.class);
  }
}
