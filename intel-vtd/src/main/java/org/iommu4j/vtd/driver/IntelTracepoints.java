package org.iommu4j.vtd.driver;

import java.util.List;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.Tracepoints;

/** Names this module's tracepoints; found with {@link java.util.ServiceLoader}. */
public final class IntelTracepoints implements Tracepoints {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public IntelTracepoints() {}

  @Override
  public List<Class<? extends KernelCall>> calls() {
    return List.of(
        MapCalls.MapPage.class,
        MapCalls.MapSingle.class,
        MapCalls.AllocIova.class,
        MapCalls.DomainPfnMapping.class,
        MapCalls.AllocPgtablePage.class,
        UnmapCalls.UnmapPage.class,
        UnmapCalls.Unmap.class,
        UnmapCalls.DomainUnmap.class,
        UnmapCalls.FlushIotlbPsi.class,
        UnmapCalls.FlushIova.class,
        MapCalls.IovaToPhys.class);
  }
}
