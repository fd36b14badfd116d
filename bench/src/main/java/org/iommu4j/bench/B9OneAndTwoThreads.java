package org.iommu4j.bench;

import org.iommu4j.base.ModelCpu;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * One thread and two, each on a CPU of its own: the rows {@code -1t} and {@code -2t}. The time is
 * that of the wall divided by the work of both.
 */
public class B9OneAndTwoThreads extends Rows {
  /** The row, without the number of its threads. */
  @Param({
    "B9-B1",
    "B9-B3a",
    "B9-B4s",
    "B9-B4sp",
    "B9-B4sx",
    "B9-B7s",
    "B9-B4l",
    "B9-B4lx",
    "B9-B7l",
    "B9-B8-256",
    "B9-B8-4096",
    "B9-B8-65536",
    "B9-copy1-4096",
    "B9-copy3-4096",
    "B9-copy1-65536"
  })
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String row;

  @SuppressWarnings("NullAway.Init") // JMH calls setUp first
  private SharedRows shared;

  /** For JMH. */
  public B9OneAndTwoThreads() {}

  /** Makes what the threads share. */
  @Setup
  public void setUp() {
    shared = SharedRows.of(row);
  }

  /** What one thread does. */
  @State(Scope.Thread)
  public static class Mine {
    @SuppressWarnings("NullAway.Init") // JMH calls setUp first
    private Work work;

    /** For JMH. */
    public Mine() {}

    /** Moves the thread to its CPU. */
    @Setup
    public void setUp(B9OneAndTwoThreads all, ThreadParams threads) {
      ModelCpu.bind(threads.getThreadIndex());
      work = all.shared.forThread(threads.getThreadIndex());
    }
  }

  /** Does the work of the row once. */
  @Benchmark
  @Threads(1)
  public long oneThread(Mine mine) {
    return mine.work.once();
  }

  /** Does it with two threads. */
  @Benchmark
  @Threads(2)
  @OperationsPerInvocation(2)
  public long twoThreads(Mine mine) {
    return mine.work.once();
  }
}
