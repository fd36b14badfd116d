package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Pages unmapped, 3840 in a row. The other half is not timed. */
public class B4uUnmapPages extends Rows {
  /** The row. */
  @Param({"B4u-strict", "B4u-lazy"})
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Batch batch;

  /** For JMH. */
  public B4uUnmapPages() {}

  /** Boots a machine. */
  @Setup
  public void setUp() {
    batch = new Batch(DmaRows.rigFor(row));
  }

  /** Does the other half. */
  @Setup(Level.Invocation)
  public void before() {
    batch.map();
  }

  /** Does the half of the row. */
  @Benchmark
  @OperationsPerInvocation(Batch.PAGES)
  public long unmap() {
    return batch.unmap();
  }
}
