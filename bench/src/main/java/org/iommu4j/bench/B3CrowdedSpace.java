package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Ranges that no cache holds, in spaces that are crowded. */
public class B3CrowdedSpace extends Rows {
  /** The row. */
  @Param({
    "B3a-32-1k",
    "B3a-32-10k",
    "B3a-32-100k",
    "B3a-48-1k",
    "B3a-48-10k",
    "B3a-48-100k",
    "B3b-32-1k",
    "B3b-32-10k",
    "B3b-32-100k",
    "B3b-32-100kf",
    "B3b-48-1k",
    "B3b-48-10k",
    "B3b-48-100k",
    "B3c-48-1k",
    "B3c-48-10k",
    "B3c-48-100k",
    "B3d"
  })
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Work work;

  /** For JMH. */
  public B3CrowdedSpace() {}

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
