package org.iommu4j.bench;

import com.google.common.base.Splitter;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.iommu4j.iova.IovaDomain;

/** The work of the rows B1 to B3: the allocator of I/O addresses. */
final class IovaRows {
  private static final int BIG_PAGES = 64;

  /** As many ranges of 64 pages as fit below 4 GiB, page 0 and the window of interrupts kept. */
  private static final int FULL_32 = 16379;

  private static final long INTERRUPTS_FIRST_PFN = 0xfee00;
  private static final long INTERRUPTS_LAST_PFN = 0xfeeff;

  private IovaRows() {}

  /** Returns the work of a row. */
  static Work of(String row) {
    List<String> words = Splitter.on('-').splitToList(row);
    return switch (words.get(0)) {
      case "B1" -> pair(Ranges.space(), 0, limit(words.get(1)));
      case "B2" -> churn(Ranges.cached(Ranges.space(), Ranges.LIMIT_48), words.get(1));
      case "B2p" -> churn(Ranges.policy(Ranges.space()), words.get(1));
      case "B2d" -> churn(Ranges.tree(Ranges.space(), Ranges.LIMIT_48), words.get(1));
      case "B3a" -> bigPairs(limit(words.get(1)), words.get(2));
      case "B3b" -> oneThenBig(limit(words.get(1)), words.get(2));
      case "B3c" -> largeChurn(limit(words.get(1)), words.get(2));
      case "B3d" -> fullLowSpace();
      default -> throw new IllegalArgumentException("no row " + row);
    };
  }

  private static long limit(String bits) {
    return bits.equals("32") ? Ranges.LIMIT_32 : Ranges.LIMIT_48;
  }

  private static int count(String words) {
    return 1000 * Integer.parseInt(words.replaceAll("kf?", ""));
  }

  /** One page through the caches of a CPU. */
  static Work pair(IovaDomain space, int cpu, long limitPfn) {
    return () -> {
      long pfn = space.allocFast(cpu, 1, limitPfn, true);
      space.freeFast(cpu, pfn, 1);
      return pfn;
    };
  }

  private static Work churn(Ranges ranges, String count) {
    return new LiveSet(ranges, count(count), LiveSet.UP_TO_32).aged()::replaceOne;
  }

  private static LiveSet treeSet(
      IovaDomain space, long limitPfn, String count, LongUnaryOperator size) {
    return new LiveSet(Ranges.tree(space, limitPfn), count(count), size);
  }

  /** Returns a space in which ranges of 1 to 8 pages have been replaced for a while. */
  static IovaDomain agedSpace(long limitPfn, String count) {
    IovaDomain space = Ranges.space();
    treeSet(space, limitPfn, count, LiveSet.UP_TO_8).aged();
    return space;
  }

  private static Work bigPairs(long limitPfn, String count) {
    return bigPair(agedSpace(limitPfn, count), 0, limitPfn);
  }

  /** 64 pages, which no cache holds. */
  static Work bigPair(IovaDomain space, int cpu, long limitPfn) {
    return () -> {
      long pfn = space.allocFast(cpu, BIG_PAGES, limitPfn, true);
      space.freeFast(cpu, pfn, BIG_PAGES);
      return pfn;
    };
  }

  private static Work oneThenBig(long limitPfn, String count) {
    IovaDomain space = Ranges.space();
    LiveSet set = treeSet(space, limitPfn, count, LiveSet.ONE);
    if (!count.endsWith("f")) {
      set.aged();
    }
    Work big = bigPair(space, 0, limitPfn);
    return () -> set.replaceOne() + big.once();
  }

  private static Work largeChurn(long limitPfn, String count) {
    return treeSet(Ranges.space(), limitPfn, count, LiveSet.LARGE).aged()::replaceOne;
  }

  /** 128 pages by the driver's policy, while all space below 4 GiB is taken but 64 pages. */
  private static Work fullLowSpace() {
    IovaDomain space = Ranges.space();
    space.reserve(INTERRUPTS_FIRST_PFN, INTERRUPTS_LAST_PFN);
    LiveSet set =
        new LiveSet(Ranges.tree(space, Ranges.LIMIT_32), FULL_32, LiveSet.SIXTY_FOUR).aged();
    Ranges policy = Ranges.policy(space);
    return () ->
        set.withHole(
            () -> {
              long pfn = policy.take(2 * BIG_PAGES);
              policy.give(pfn, 2 * BIG_PAGES);
              return pfn;
            });
  }
}
