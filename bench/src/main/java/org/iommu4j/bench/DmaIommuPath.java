package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The rows B4 to B7 through dma-iommu of Linux 6.12, on Intel's page table. */
public class DmaIommuPath extends Rows {
  /** The row. */
  @Param({
    "B4g-strict",
    "B4g-lazy",
    "B5g-64K-s",
    "B5g-64K-l",
    "B5g-2M-4k-s",
    "B5g-2M-4k-l",
    "B5g-2M-sp-s",
    "B5g-2M-sp-l",
    "B6g-strict",
    "B6g-lazy",
    "B7g-512-strict",
    "B7g-512-lazy",
    "B7g-8192-strict",
    "B7g-8192-lazy"
  })
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Work work;

  /** For JMH. */
  public DmaIommuPath() {}

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
