package org.iommu4j.iova;

import java.util.concurrent.atomic.AtomicBoolean;
import org.iommu4j.base.Timers;

/**
 * Gives a depot's magazines back to the tree, one at a time, while there are more than CPUs.
 *
 * <p>Thread-safe; takes the depot's lock and the tree's, one after the other.
 *
 * <p>Source: {@code drivers/iommu/iova.c:iova_depot_work_func}.
 */
final class DepotAging {
  private final Depot depot;
  private final IovaRanges ranges;
  private final int cpus;
  private final long agingMillis;
  private final long[] aged;
  private final Timers.Timer timer;
  private final AtomicBoolean armed = new AtomicBoolean();

  DepotAging(IovaRules rules, Depot depot, IovaRanges ranges, int cpus, Timers timers) {
    this.depot = depot;
    this.ranges = ranges;
    this.cpus = cpus;
    this.agingMillis = rules.depot().agingMillis();
    this.aged = new long[rules.magazineRanges()];
    this.timer = timers.newTimer(this::work);
  }

  /** Says that a magazine was put into the depot. */
  void begin(int cpu) {
    if (!armed.get() && armed.compareAndSet(false, true)) {
      timer.arm(cpu, agingMillis);
    }
  }

  // Never while another run is under way, so that there is one magazine in hand at most.
  private void work(int cpu) {
    armed.set(false);
    if (depot.takeAbove(cpus, aged, 0)) {
      ranges.freeAll(aged, 0, aged.length);
      begin(cpu);
    }
  }

  /** Stops; nothing ages from here on. */
  void cancel() {
    timer.cancel();
  }
}
