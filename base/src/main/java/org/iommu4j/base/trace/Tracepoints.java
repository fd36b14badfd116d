package org.iommu4j.base.trace;

import java.util.List;

/**
 * Names the kernel's calls that a module reports; found with {@link java.util.ServiceLoader}.
 *
 * <p>Implementations must be stateless and have a public constructor without arguments.
 */
public interface Tracepoints {
  /** Returns the types of calls, each with a {@link KernelSource}. */
  List<Class<? extends KernelCall>> calls();
}
