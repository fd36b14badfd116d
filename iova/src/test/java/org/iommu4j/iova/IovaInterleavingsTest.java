package org.iommu4j.iova;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.iommu4j.base.Timers;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;

/**
 * Two CPUs' calls in the interleavings that Lincheck's model checker chooses: it runs a body again
 * and again, and each time switches threads elsewhere. {@link IovaThreadsTest} has real threads.
 */
final class IovaInterleavingsTest {
  private static void twoThreads(Runnable one, Runnable other) {
    Thread first = new Thread(one);
    Thread second = new Thread(other);
    first.start();
    second.start();
    try {
      first.join();
      second.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Hands ranges out and takes them back, and knows who holds which page. */
  private static final class Space {
    final IovaDomain domain = new IovaDomain(Rules.USUAL, 4096, 1, 2);
    final long limitPfn;
    private final AtomicIntegerArray holders;

    Space(int pages) {
      limitPfn = pages;
      holders = new AtomicIntegerArray(pages + 1);
    }

    long take(int cpu, int pages) {
      long pfn = domain.allocFast(cpu, pages, limitPfn, true);
      if (pfn != 0) {
        change(pfn, pages, 0, cpu + 1);
      }
      return pfn;
    }

    void give(int cpu, long pfn, int pages) {
      if (pfn != 0) {
        change(pfn, pages, cpu + 1, 0);
        domain.freeFast(cpu, pfn, pages);
      }
    }

    private void change(long pfn, int pages, int from, int to) {
      for (int page = (int) pfn; page < pfn + pages; page++) {
        assertTrue(holders.compareAndSet(page, from, to), "two hold a page");
      }
    }
  }

  @Test
  void noPageHasTwoHoldersThoughCachesAreFlushedByTheOtherCpu() {
    Lincheck.runConcurrentTest(100, IovaInterleavingsTest::exhaustion);
  }

  // Three pages: whoever finds none empties the caches of both, under the other's feet.
  private static void exhaustion() {
    Space space = new Space(3);
    twoThreads(
        () -> {
          long pfn = space.take(0, 1);
          space.give(0, pfn, 1);
          space.take(0, 2);
        },
        () -> {
          long pfn = space.take(1, 2);
          space.give(1, pfn, 2);
          space.take(1, 1);
          space.take(1, 1);
        });
    space.domain.checkInvariants();
  }

  @Test
  void aMagazineIsTakenOutOfTheDepotOnce() {
    Lincheck.runConcurrentTest(100, IovaInterleavingsTest::depot);
  }

  private static void depot() {
    Depot depot = new Depot(Rules.USUAL);
    long[][] magazines = new long[2][Rules.USUAL.magazineRanges()];
    depot.put(magazines[0], 0);
    boolean[] taken = new boolean[2];
    twoThreads(
        () -> taken[0] = depot.take(magazines[0], 0), () -> taken[1] = depot.take(magazines[1], 0));
    assertTrue(taken[0] != taken[1]);
  }

  @Test
  void aCachedRangeIsReusedOrGivenBackButNotBoth() {
    Lincheck.runConcurrentTest(100, IovaInterleavingsTest::drain);
  }

  private static void drain() {
    IovaRanges ranges = new IovaRanges(1, 1 << 20, GapSearch.BELOW_LAST_PLACED);
    long pfn = ranges.alloc(1, 2, true);
    CpuRcache cache = new CpuRcache(Rules.USUAL, ranges, new Depot(Rules.USUAL), null, 0, 1 << 20);
    cache.push(pfn);
    long[] popped = new long[1];
    twoThreads(() -> popped[0] = cache.pop(2), cache::drain);
    assertEquals(popped[0] == pfn, ranges.find(pfn) != null);
  }

  private static final int MAPPED = 1;
  private static final int UNMAPPED = 2;
  private static final int FORGOTTEN = 3;

  /** What the hardware may still know of each page. */
  private static final class Hardware {
    final IovaDomain domain = new IovaDomain(Rules.USUAL, 4096, 1, 2);
    final OneTimer timers = new OneTimer();
    final AtomicIntegerArray pages;
    final IovaFlushQueue queue;

    Hardware(int pages) {
      this.pages = new AtomicIntegerArray(pages);
      queue = new IovaFlushQueue(domain, timers, this::flush, this::freed);
    }

    private void flush() {
      for (int page = 0; page < pages.length(); page++) {
        pages.compareAndSet(page, UNMAPPED, FORGOTTEN);
      }
    }

    private void freed(long page) {
      assertEquals(FORGOTTEN, pages.getAndSet((int) page, 0), "freed before a flush");
    }

    void unmap(int cpu, int page) {
      assertTrue(pages.compareAndSet(page, MAPPED, UNMAPPED));
      queue.queue(cpu, page + 1L, 1, page);
    }
  }

  /** Has one timer, which expires if it is armed when somebody says so. */
  private static final class OneTimer implements Timers, Timers.Timer {
    private final AtomicInteger armedOn = new AtomicInteger(-1);
    private volatile Expiry expiry = cpu -> {};

    @Override
    public Timer newTimer(Expiry wanted) {
      expiry = wanted;
      return this;
    }

    @Override
    public long nowMillis() {
      return 0;
    }

    @Override
    public void arm(int cpu, long delayMillis) {
      armedOn.set(cpu);
    }

    @Override
    public void cancel() {
      armedOn.set(-1);
    }

    void tick() {
      int cpu = armedOn.getAndSet(-1);
      if (cpu >= 0) {
        expiry.expired(cpu);
      }
    }
  }

  @Test
  void nothingIsFreedBeforeAFlushThatBeganAfterItsUnmapping() {
    Lincheck.runConcurrentTest(200, IovaInterleavingsTest::timerAgainstQueue);
  }

  private static void timerAgainstQueue() {
    Hardware hardware = new Hardware(3);
    for (int page = 0; page < 3; page++) {
      hardware.pages.set(page, MAPPED);
    }
    twoThreads(
        () -> {
          hardware.unmap(0, 0);
          hardware.unmap(0, 1);
        },
        () -> {
          hardware.unmap(1, 2);
          hardware.timers.tick();
        });
    hardware.timers.tick();
    for (int page = 0; page < 3; page++) {
      assertEquals(0, hardware.pages.get(page), "each is freed once");
    }
  }
}
