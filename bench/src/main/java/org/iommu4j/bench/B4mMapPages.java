package org.iommu4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Pages mapped, 3840 in a row. The other half is not timed. */
public class B4mMapPages extends Rows {
  /** The row. */
  @Param({"B4m-strict", "B4m-lazy"})
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private Batch batch;

  /** For JMH. */
  public B4mMapPages() {}

  /** Boots a machine. */
  @Setup
  public void setUp() {
    batch = new Batch(DmaRows.rigFor(row));
  }

  /** Does the other half. */
  @Setup(Level.Invocation)
  public void before() {
    batch.unmap();
  }

  /** Does the half of the row. */
  @Benchmark
  @OperationsPerInvocation(Batch.PAGES)
  public long map() {
    return batch.map();
  }
}
