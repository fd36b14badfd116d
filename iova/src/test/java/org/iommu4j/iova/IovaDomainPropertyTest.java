package org.iommu4j.iova;

import static org.iommu4j.iova.RandomCalls.CPUS;
import static org.iommu4j.iova.RandomCalls.SLOTS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.iova.IovaCall.Kind;

class IovaDomainPropertyTest {
  private static final long START_PFN = 1;

  @Provide
  Arbitrary<List<IovaCall>> crowded() {
    return RandomCalls.crowded();
  }

  @Provide
  Arbitrary<List<IovaCall>> usual() {
    return RandomCalls.usual();
  }

  @Provide
  Arbitrary<List<IovaCall>> huge() {
    return RandomCalls.huge();
  }

  @Property(tries = 300)
  void aCrowdedSpaceAnswersAsTheGapByGapWalkDoes(@ForAll("crowded") List<IovaCall> calls) {
    new Twins(Rules.USUAL).make(calls);
  }

  @Property(tries = 300)
  void aUsualSpaceAnswersAsTheGapByGapWalkDoes(@ForAll("usual") List<IovaCall> calls) {
    new Twins(Rules.USUAL).make(calls);
  }

  @Property(tries = 300)
  void hugeRangesArePlacedAsTheGapByGapWalkDoes(@ForAll("huge") List<IovaCall> calls) {
    new Twins(Rules.USUAL).make(calls);
  }

  @Property(tries = 300)
  void laterReleasesAnswerAsTheirWalksDo(
      @ForAll("crowded") List<IovaCall> crowded,
      @ForAll("usual") List<IovaCall> usual,
      @ForAll("huge") List<IovaCall> huge) {
    new Twins(Rules.LATER).make(crowded);
    new Twins(Rules.LATEST).make(crowded);
    new Twins(Rules.LATER).make(usual);
    new Twins(Rules.LATEST).make(huge);
  }

  @Property(tries = 300)
  void fullDepotsAgeOrAreFlushed(
      @ForAll("crowded") List<IovaCall> calls,
      @ForAll @IntRange(min = 1, max = 3) int magazineRanges,
      @ForAll boolean isFlushed,
      @ForAll boolean ages) {
    DepotRules depot = new DepotRules(DepotRules.NO_LIMIT, isFlushed, ages ? 100 : 0);
    new Twins(Rules.LATER.withMagazineRanges(magazineRanges).withDepot(depot)).make(calls);
  }

  @Property(tries = 300)
  void otherRulesAreFollowed(
      @ForAll("crowded") List<IovaCall> calls,
      @ForAll @IntRange(min = 1, max = 5) int magazineRanges,
      @ForAll @IntRange(min = 0, max = 3) int depotMagazines,
      @ForAll boolean fromTheTop) {
    GapSearch search = fromTheTop ? Rules.HIGHEST_OF_ALL : GapSearch.BELOW_LAST_PLACED;
    new Twins(new IovaRules(magazineRanges, new DepotRules(depotMagazines, false, 0), search))
        .make(calls);
  }

  @Property(tries = 300)
  void liveRangesKeepTheirPromises(@ForAll("usual") List<IovaCall> calls) {
    IovaDomain domain = new IovaDomain(Rules.USUAL, 4096, START_PFN, CPUS);
    IovaRange reserved = new IovaRange(0xfee00, 0xfeeff);
    domain.reserve(reserved.loPfn(), reserved.hiPfn());
    Map<Integer, IovaRange> live = new HashMap<>();
    for (IovaCall call : calls) {
      long pages = Long.highestOneBit(call.sizePages());
      IovaRange old = live.get(call.slot());
      if (call.frees() && old != null) {
        live.remove(call.slot());
        domain.freeFast(call.cpu(), old.loPfn(), old.sizePages());
      } else if (call.kind() == Kind.ALLOC_FAST && old == null) {
        long pfn = domain.allocFast(call.cpu(), pages, call.limitPfn(), call.flag());
        if (pfn != 0) {
          IovaRange range = new IovaRange(pfn, pfn + pages - 1);
          assertEquals(0, pfn % pages, "aligned to its size");
          assertTrue(range.hiPfn() <= call.limitPfn(), "within the limit");
          assertTrue(pfn >= START_PFN, "not below the start");
          assertTrue(disjoint(range, reserved), "clear of the reservation");
          live.values().forEach(other -> assertTrue(disjoint(range, other), "clear of others"));
          live.put(call.slot(), range);
        }
      }
    }
    domain.checkInvariants();
  }

  @Property(tries = 5)
  void thousandsOfRangesAreReplacedAsTheTwoWalksDo(@ForAll long seed) {
    replaceThousands(Rules.LATER, seed);
  }

  @Property(tries = 200)
  void everythingFreedComesBack(
      @ForAll("crowded") List<IovaCall> calls, @ForAll @IntRange(min = 0, max = 1) int freeingCpu) {
    IovaDomain domain = new IovaDomain(Rules.USUAL, 4096, START_PFN, CPUS);
    List<IovaRange> live = new ArrayList<>();
    for (IovaCall call : calls) {
      long pages = Long.highestOneBit(call.sizePages());
      long pfn = domain.allocFast(call.cpu(), pages, call.limitPfn(), false);
      if (pfn != 0) {
        live.add(new IovaRange(pfn, pfn + pages - 1));
      }
    }
    assertEquals(live.size(), domain.ranges().size());
    live.forEach(range -> domain.freeFast(freeingCpu, range.loPfn(), range.sizePages()));
    domain.freeCpuCached(freeingCpu);
    assertEquals(List.of(), domain.ranges());
    domain.checkInvariants();
  }

  @Property(tries = 5)
  void thousandsOfRangesAreReplacedAsTheGapByGapWalkDoes(@ForAll long seed) {
    replaceThousands(Rules.USUAL, seed);
  }

  private static void replaceThousands(IovaRules rules, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    IovaDomain domain = new IovaDomain(rules, 4096, START_PFN, 1);
    NaiveRanges naive = new NaiveRanges(START_PFN, 1L << 20, rules.gapSearch());
    List<Long> live = new ArrayList<>();
    for (int round = 0; round < 12_000; round++) {
      int wanted = round / 3000 % 2 == 0 ? 2000 : 100;
      if (live.size() < wanted && random.nextInt(4) != 0) {
        long pages = random.nextLong(1, 65);
        boolean aligned = random.nextBoolean();
        long pfn = domain.alloc(pages, (1L << 20) - 1, aligned);
        assertEquals(naive.alloc(pages, (1L << 20) - 1, aligned), pfn);
        live.add(pfn);
      } else if (!live.isEmpty()) {
        long pfn = live.remove(random.nextInt(live.size()));
        assertTrue(domain.free(pfn));
        naive.free(pfn);
      }
      if (round % 500 == 0) {
        domain.checkInvariants();
      }
    }
    assertEquals(naive.ranges(), domain.ranges());
  }

  private static boolean disjoint(IovaRange a, IovaRange b) {
    return a.hiPfn() < b.loPfn() || b.hiPfn() < a.loPfn();
  }

  /** The allocator and the naive model, called alike. */
  private static final class Twins {
    private final ManualTimers timers = new ManualTimers();
    private final IovaDomain domain;
    private final NaiveDomain naive;
    private final long[] pfns = new long[SLOTS];
    private final long[] sizes = new long[SLOTS];

    Twins(IovaRules rules) {
      domain = new IovaDomain(rules, 4096, START_PFN, CPUS, timers);
      naive = new NaiveDomain(rules, START_PFN, CPUS);
    }

    void make(List<IovaCall> calls) {
      for (IovaCall call : calls) {
        if (call.frees() && pfns[call.slot()] > 0) {
          free(call);
        } else if (!call.frees()) {
          other(call);
        }
        compareState();
      }
      domain.checkInvariants();
      assertEquals(naive.ranges.ranges(), domain.ranges());
    }

    private void other(IovaCall call) {
      long pages = call.sizePages();
      long limit = call.limitPfn();
      switch (call.kind()) {
        case ALLOC -> {
          long pfn = domain.alloc(pages, limit, call.flag());
          assertEquals(naive.ranges.alloc(pages, limit, call.flag()), pfn);
          keep(call, pfn);
        }
        case ALLOC_FAST -> {
          long pfn = domain.allocFast(call.cpu(), pages, limit, call.flag());
          assertEquals(naive.allocFast(call.cpu(), pages, limit, call.flag()), pfn);
          keep(call, pfn);
        }
        case RESERVE ->
            assertEquals(
                naive.ranges.reserve(limit, limit + pages - 1),
                domain.reserve(limit, limit + pages - 1));
        case AGE -> {
          timers.advance(100);
          naive.age();
        }
        default -> {
          domain.freeCpuCached(call.cpu());
          naive.freeCpuCached(call.cpu());
        }
      }
    }

    private void keep(IovaCall call, long pfn) {
      pfns[call.slot()] = pfn;
      sizes[call.slot()] = call.sizePages();
    }

    private void free(IovaCall call) {
      long pfn = pfns[call.slot()];
      if (call.kind() == Kind.FREE_FAST) {
        // Now and then a size other than the one that was allocated, and a slot freed twice.
        long pages = call.flag() ? sizes[call.slot()] : call.sizePages();
        domain.freeFast(call.cpu(), pfn, pages);
        naive.freeFast(call.cpu(), pfn, pages);
        pfns[call.slot()] = call.slot() % 8 == 0 ? pfn : 0;
      } else {
        long inside = call.kind() == Kind.FREE ? pfn : pfn + sizes[call.slot()] / 2;
        assertEquals(naive.ranges.free(inside), domain.free(inside));
        pfns[call.slot()] = 0;
      }
    }

    private void compareState() {
      assertEquals(naive.ranges.lastHighPfn(), domain.tree().cachedPfn());
      assertEquals(naive.ranges.lastLowPfn(), domain.tree().cached32Pfn());
      assertEquals(naive.ranges.hopelessLowPages(), domain.tree().max32AllocPages());
    }
  }
}
