package org.iommu4j.iova;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link IovaDomain} answers, with lists for magazines and {@link NaiveRanges} behind them.
 */
final class NaiveDomain {
  private static final int ORDERS = 6;

  private static final class Pair {
    List<Long> loaded = new ArrayList<>();
    List<Long> spare = new ArrayList<>();

    void swap() {
      List<Long> wasLoaded = loaded;
      loaded = spare;
      spare = wasLoaded;
    }
  }

  final NaiveRanges ranges;
  private final int full;
  private final DepotRules depot;
  private final List<List<Pair>> pairs = new ArrayList<>();
  private final List<Deque<List<Long>>> depots = new ArrayList<>();
  private final boolean[] ages = new boolean[ORDERS];

  NaiveDomain(IovaRules rules, long startPfn, int cpus) {
    full = rules.magazineRanges();
    depot = rules.depot();
    ranges = new NaiveRanges(startPfn, 1L << 20, rules.gapSearch());
    for (int order = 0; order < ORDERS; order++) {
      depots.add(new ArrayDeque<>());
    }
    for (int cpu = 0; cpu < cpus; cpu++) {
      List<Pair> ofCpu = new ArrayList<>();
      for (int order = 0; order < ORDERS; order++) {
        ofCpu.add(new Pair());
      }
      pairs.add(ofCpu);
    }
  }

  private static int order(long pages) {
    int order = 0;
    while (order < 62 && 1L << order < pages) {
      order++;
    }
    return order;
  }

  long allocFast(int cpu, long pages, long limitPfn, boolean flush) {
    Long cached = order(pages) < ORDERS ? fromCache(cpu, order(pages), limitPfn + 1 - pages) : null;
    if (cached != null) {
      return cached;
    }
    long pfn = ranges.alloc(pages, limitPfn, true);
    if (pfn < 0 && flush) {
      for (int each = 0; each < pairs.size(); each++) {
        freeCpuCached(each);
      }
      if (depot.isFlushed()) {
        depots.forEach(of -> of.forEach(magazine -> magazine.forEach(ranges::free)));
        depots.forEach(Deque::clear);
      }
      pfn = ranges.alloc(pages, limitPfn, true);
    }
    return Math.max(pfn, 0);
  }

  private @Nullable Long fromCache(int cpu, int order, long limitPfn) {
    Pair pair = pairs.get(cpu).get(order);
    if (pair.loaded.isEmpty()) {
      pair.swap();
    }
    if (pair.loaded.isEmpty() && !depots.get(order).isEmpty()) {
      pair.swap();
      pair.loaded = depots.get(order).pop();
    }
    // A size beyond the limit makes the bound wrap, and then everything is below it.
    for (int i = pair.loaded.size() - 1; i >= 0; i--) {
      if (limitPfn < 0 || pair.loaded.get(i) <= limitPfn) {
        Long pfn = pair.loaded.get(i);
        Long newest = pair.loaded.remove(pair.loaded.size() - 1);
        if (i < pair.loaded.size()) {
          pair.loaded.set(i, newest);
        }
        return pfn;
      }
    }
    return null;
  }

  void freeFast(int cpu, long pfn, long pages) {
    int order = order(pages);
    if (order >= ORDERS) {
      ranges.free(pfn);
      return;
    }
    Pair pair = pairs.get(cpu).get(order);
    if (pair.loaded.size() == full && pair.spare.size() < full) {
      pair.swap();
    }
    if (pair.loaded.size() == full) {
      if (depots.get(order).size() < depot.magazines()) {
        depots.get(order).push(pair.loaded);
        ages[order] = depot.agingMillis() != 0;
      } else {
        pair.loaded.forEach(ranges::free);
      }
      pair.loaded = new ArrayList<>();
    }
    pair.loaded.add(pfn);
  }

  /** Lets the time pass in which magazines age. */
  void age() {
    for (int order = 0; order < ORDERS; order++) {
      ages[order] = ages[order] && depots.get(order).size() > pairs.size();
      if (ages[order]) {
        depots.get(order).pop().forEach(ranges::free);
      }
    }
  }

  void freeCpuCached(int cpu) {
    for (Pair pair : pairs.get(cpu)) {
      pair.loaded.forEach(ranges::free);
      pair.loaded.clear();
      pair.spare.forEach(ranges::free);
      pair.spare.clear();
    }
  }
}
