package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Larger buffers mapped and unmapped. */
public class B5MapLargeBuffer extends Rows {
  /** The row. */
  @Param({"B5-64K-s", "B5-64K-l", "B5-2M-4k-s", "B5-2M-4k-l", "B5-2M-sp-s", "B5-2M-sp-l"})
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Work work;

  /** For JMH. */
  public B5MapLargeBuffer() {}

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
