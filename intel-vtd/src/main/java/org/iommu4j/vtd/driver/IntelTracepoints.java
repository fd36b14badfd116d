package org.iommu4j.vtd.driver;

import java.util.List;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.Tracepoints;

/**
 * Names the tracepoints of page tables and the hardware; found with {@link
 * java.util.ServiceLoader}.
 */
public final class IntelTracepoints implements Tracepoints {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public IntelTracepoints() {}

  @Override
  public List<Class<? extends KernelCall>> calls() {
    return List.of(
        TableCalls.DomainPfnMapping.class,
        TableCalls.AllocPgtablePage.class,
        TableCalls.DomainUnmap.class,
        TableCalls.FlushIotlbPsi.class);
  }
}
