package org.iommu4j.iova;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.Timers;
import org.jspecify.annotations.Nullable;

/** A domain's depots, one an order of sizes, and what makes them age. Thread-safe. */
final class Depots {
  private final IovaRules rules;
  private final IovaRanges ranges;
  private final List<Depot> depots = new ArrayList<>();
  private final List<DepotAging> agings = new ArrayList<>();

  /**
   * Makes empty ones.
   *
   * @param timers where time comes from; null if nothing ages by the rules
   */
  Depots(IovaRules rules, IovaRanges ranges, int orders, int cpus, @Nullable Timers timers) {
    this.rules = rules;
    this.ranges = ranges;
    boolean age = rules.depot().agingMillis() != 0;
    checkArgument(!age || timers != null, "magazines age by these rules, and there is no time");
    for (int order = 0; order < orders; order++) {
      Depot depot = new Depot(rules);
      depots.add(depot);
      if (age && timers != null) {
        agings.add(new DepotAging(rules, depot, ranges, cpus, timers));
      }
    }
  }

  /** Makes the cache of a CPU and an order. */
  CpuRcache newCache(int cpu, int order, long lowEndPfn) {
    DepotAging aging = agings.isEmpty() ? null : agings.get(order);
    return new CpuRcache(rules, ranges, depots.get(order), aging, cpu, lowEndPfn);
  }

  /** Gives all back to the tree if the rules say so for when no room is found. */
  void flush() {
    if (rules.depot().isFlushed()) {
      depots.forEach(depot -> depot.drain(ranges));
    }
  }

  /** Stops the aging. */
  void close() {
    agings.forEach(DepotAging::cancel);
  }
}
