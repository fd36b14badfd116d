package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * The rows B11: coherent memory allocated and freed, in one block by Intel's operations, in pieces
 * by dma-iommu ({@code g}).
 */
public class CoherentPath extends Rows {
  /** The row. */
  @Param({"B11-4K", "B11-64K", "B11-2M", "B11g-4K", "B11g-64K", "B11g-2M"})
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Work work;

  /** For JMH. */
  public CoherentPath() {}

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
