package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** One page taken from an empty address space and given back. */
public class B1TakeOnePage extends Rows {
  /** The row. */
  @Param({"B1-32", "B1-48"})
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Work work;

  /** For JMH. */
  public B1TakeOnePage() {}

  /** Builds and ages what the row works on. */
  @Setup
  public void setUp() {
    work = IovaRows.of(row);
  }

  /** Does the work of the row once. */
  @Benchmark
  public long once() {
    return work.once();
  }
}
