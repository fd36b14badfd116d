package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A list of 16 pages mapped and unmapped. */
public class B6MapList extends Rows {
  /** The row. */
  @Param({"B6-strict", "B6-lazy"})
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Work work;

  /** For JMH. */
  public B6MapList() {}

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
