package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Buffers that bounce: mapped, synced, unmapped. */
public class B8BounceBuffer extends Rows {
  /** The row. */
  @Param({
    "B8tx-256",
    "B8tx-1500",
    "B8tx-4096",
    "B8tx-65536",
    "B8rx-256",
    "B8rx-1500",
    "B8rx-4096",
    "B8rx-65536",
    "B8f-4096"
  })
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Work work;

  /** For JMH. */
  public B8BounceBuffer() {}

  /** Builds and ages what the row works on. */
  @Setup
  public void setUp() {
    work = BounceRows.of(row);
  }

  /** Does the work of the row once. */
  @Benchmark
  public long once() {
    return work.once();
  }
}
