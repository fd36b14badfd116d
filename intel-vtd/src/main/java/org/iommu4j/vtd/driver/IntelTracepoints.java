package org.iommu4j.vtd.driver;

import java.util.List;
import org.iommu4j.dma.trace.KernelCall;
import org.iommu4j.dma.trace.Tracepoints;

/** Names this module's tracepoints; found with {@link java.util.ServiceLoader}. */
public final class IntelTracepoints implements Tracepoints {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public IntelTracepoints() {}

  @Override
  public List<Class<? extends KernelCall>> calls() {
    return List.of(
        IntelCalls.MapPage.class,
        IntelCalls.MapSingle.class,
        IntelCalls.AllocIova.class,
        IntelCalls.DomainPfnMapping.class,
        IntelCalls.AllocPgtablePage.class,
        IntelCalls.UnmapPage.class,
        IntelCalls.Unmap.class,
        IntelCalls.DomainUnmap.class,
        IntelCalls.FlushIotlbPsi.class,
        IntelCalls.FlushIova.class,
        IntelCalls.IovaToPhys.class);
  }
}
