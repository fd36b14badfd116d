package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * A page mapped and unmapped; {@code queue}: with the invalidation queue and the hardware behind
 * it.
 */
public class B4MapAndUnmapPage extends Rows {
  /** The row. */
  @Param({"B4-strict", "B4-lazy", "B4-strict-queue", "B4-lazy-queue"})
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Work work;

  /** For JMH. */
  public B4MapAndUnmapPage() {}

  /** Builds and ages what the row works on. */
  @Setup
  public void setUp() {
    work = DmaRows.of(row);
  }

  /** Does the work of the row once. */
  @Benchmark
  public long once() {
    return work.once();
  }
}
