package org.iommu4j.iommu.iova;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The model CPU that a thread runs on. A thread that was never bound runs on CPU 0.
 *
 * <p>Thread-safe.
 *
 * <p>Source: {@code include/linux/smp.h:smp_processor_id}.
 */
public final class ModelCpu {
  private static final ThreadLocal<int[]> CURRENT = ThreadLocal.withInitial(() -> new int[1]);

  private ModelCpu() {}

  /** Returns the calling thread's model CPU. */
  public static int current() {
    return CURRENT.get()[0];
  }

  /** Moves the calling thread to a model CPU, 0 or more. */
  public static void bind(int cpu) {
    checkArgument(cpu >= 0, "no CPU %s", cpu);
    CURRENT.get()[0] = cpu;
  }
}
