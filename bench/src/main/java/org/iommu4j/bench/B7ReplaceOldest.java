package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A ring of mapped pages, of which the oldest is replaced. */
public class B7ReplaceOldest extends Rows {
  /** The row. */
  @Param({"B7-512-strict", "B7-512-lazy", "B7-8192-strict", "B7-8192-lazy"})
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Work work;

  /** For JMH. */
  public B7ReplaceOldest() {}

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
