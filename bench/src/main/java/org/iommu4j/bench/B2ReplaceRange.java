package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A random range of 1 to 32 pages replaced: through the caches, by policy (p), past them (d). */
public class B2ReplaceRange extends Rows {
  /** The row. */
  @Param({
    "B2-1k",
    "B2-10k",
    "B2-100k",
    "B2p-1k",
    "B2p-10k",
    "B2p-100k",
    "B2d-1k",
    "B2d-10k",
    "B2d-100k"
  })
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Work work;

  /** For JMH. */
  public B2ReplaceRange() {}

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
