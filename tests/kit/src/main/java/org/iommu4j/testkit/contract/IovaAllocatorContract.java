package org.iommu4j.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.iommu4j.testkit.IovaAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link IovaAllocator} promises. */
public abstract class IovaAllocatorContract {
  private static final int CPUS = 2;
  private static final long LIMIT = 4095;
  private static final int ROUNDS = 20_000;
  private static final long SEED = 5100;

  /** Makes a test. */
  protected IovaAllocatorContract() {}

  /** Returns an allocator that has handed nothing out. */
  protected abstract IovaAllocator create(int cpus);

  private static Deque<Long> fill(IovaAllocator allocator, int cpu, long pages, long limitPfn) {
    Deque<Long> pfns = new ArrayDeque<>();
    for (long i = 0; i <= limitPfn; i++) {
      long pfn = allocator.alloc(cpu, pages, limitPfn);
      if (pfn == IovaAllocator.NO_PFN) {
        return pfns;
      }
      pfns.add(pfn);
    }
    throw new AssertionError("there are more ranges than page frames");
  }

  /** No page frame is in two ranges, nor above the limit; all ranges are aligned. */
  @Test
  public void rangesAreDisjointAlignedAndWithinTheLimit() {
    IovaAllocator allocator = create(CPUS);
    RangeSet<Long> held = TreeRangeSet.create();
    for (long pages : new long[] {32, 1, 8, 64, 2}) {
      for (int i = 0; i < 10; i++) {
        long pfn = allocator.alloc(i % CPUS, pages, LIMIT);
        assertNotEquals(IovaAllocator.NO_PFN, pfn);
        Range<Long> range = Range.closedOpen(pfn, pfn + pages);
        assertTrue(pfn > 0 && pfn + pages - 1 <= LIMIT, range::toString);
        assertEquals(0, pfn % pages, range::toString);
        assertTrue(!held.intersects(range), range::toString);
        held.add(range);
      }
    }
    allocator.checkInvariants();
  }

  /** All room is handed out before the allocator gives up. */
  @Test
  public void allRoomIsFound() {
    for (long pages : new long[] {1, 4, 32, 128}) {
      Deque<Long> pfns = fill(create(CPUS), 0, pages, LIMIT);
      assertEquals((LIMIT + 1) / pages - 1, pfns.size(), "ranges of " + pages + ", 0 is none");
    }
  }

  /** Reserved page frames are never handed out, and all others are. */
  @Test
  public void reservedPagesStayFree() {
    IovaAllocator allocator = create(CPUS);
    allocator.reserve(100, 109);
    allocator.reserve(4000, LIMIT);
    Deque<Long> pfns = fill(allocator, 0, 1, LIMIT);
    assertEquals(3999 - 10, pfns.size());
    assertTrue(pfns.stream().noneMatch(pfn -> pfn >= 100 && pfn < 110), pfns::toString);
    assertTrue(pfns.stream().noneMatch(pfn -> pfn >= 4000), pfns::toString);
  }

  /** Whatever was freed, on whichever CPU, can be had again in the same size. */
  @Test
  public void allThatIsFreedComesBack() {
    for (long pages : new long[] {1, 8, 32, 64}) {
      IovaAllocator allocator = create(CPUS);
      Deque<Long> first = fill(allocator, 0, pages, LIMIT);
      int cpu = 0;
      for (long pfn : first) {
        allocator.free(cpu, pfn, pages);
        cpu = (cpu + 1) % CPUS;
      }
      assertEquals(first.size(), fill(allocator, 1, pages, LIMIT).size(), pages + " pages");
      allocator.checkInvariants();
    }
  }

  /** A smaller limit holds for a range that was freed above it, too. */
  @Test
  public void theLimitHoldsForWhatIsReused() {
    IovaAllocator allocator = create(1);
    long high = allocator.alloc(0, 1, LIMIT);
    allocator.free(0, high, 1);
    for (int i = 0; i < 20; i++) {
      long pfn = allocator.alloc(0, 1, 63);
      assertTrue(pfn != IovaAllocator.NO_PFN && pfn <= 63, () -> "pfn " + pfn);
    }
  }

  /** Two threads, each on its CPU, never hold a page frame at once. */
  @Test
  @Timeout(60)
  public void twoCpusNeverHoldOnePage() throws InterruptedException, ExecutionException {
    IovaAllocator allocator = create(CPUS);
    AtomicIntegerArray holders = new AtomicIntegerArray((int) LIMIT + 1);
    ExecutorService threads = Executors.newFixedThreadPool(CPUS);
    try {
      List<Callable<Void>> bodies =
          List.of(() -> churn(allocator, 0, holders), () -> churn(allocator, 1, holders));
      for (Future<Void> done : threads.invokeAll(bodies)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
    allocator.checkInvariants();
  }

  @SuppressWarnings("NullAway") // Void has no other value
  private static Void churn(IovaAllocator allocator, int cpu, AtomicIntegerArray holders) {
    SplittableRandom random = new SplittableRandom(SEED + cpu);
    Deque<long[]> mine = new ArrayDeque<>();
    for (int round = 0; round < ROUNDS; round++) {
      long pages = 1L << random.nextInt(7);
      long pfn = mine.size() < 40 ? allocator.alloc(cpu, pages, LIMIT) : IovaAllocator.NO_PFN;
      if (pfn != IovaAllocator.NO_PFN) {
        pass(holders, pfn, pages, 0, cpu + 1);
        mine.add(new long[] {pfn, pages});
      } else if (!mine.isEmpty()) {
        long[] range = random.nextBoolean() ? mine.removeFirst() : mine.removeLast();
        pass(holders, range[0], range[1], cpu + 1, 0);
        allocator.free(cpu, range[0], range[1]);
      }
    }
    return null;
  }

  private static void pass(AtomicIntegerArray holders, long pfn, long pages, int from, int to) {
    for (int page = (int) pfn; page < pfn + pages; page++) {
      int holder = holders.getAndSet(page, to);
      if (holder != from) {
        throw new AssertionError("page " + page + " was held by " + holder + ", seed " + SEED);
      }
    }
  }
}
