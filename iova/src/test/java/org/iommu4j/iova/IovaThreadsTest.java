package org.iommu4j.iova;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.base.lock.SpinLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class IovaThreadsTest {
  private static final int CPUS = 4;
  private static final int ROUNDS = 40_000;
  private static final int SPACE_PAGES = 4096;
  private static final long SEED = 5102620;

  /** Who holds a page: 0 for nobody. */
  private final AtomicIntegerArray holders = new AtomicIntegerArray(SPACE_PAGES);

  private final IovaDomain domain = new IovaDomain(Rules.USUAL, 4096, 1, CPUS);

  private void onAllCpus(CpuBody body) throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(CPUS);
    try {
      List<Callable<Void>> bodies = new ArrayList<>();
      for (int cpu = 0; cpu < CPUS; cpu++) {
        int onCpu = cpu;
        bodies.add(
            () -> {
              body.run(onCpu, new SplittableRandom(SEED + onCpu));
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(bodies)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void hold(long pfn, long pages, int from, int to) {
    for (long page = pfn; page < pfn + pages; page++) {
      assertEquals(from, holders.getAndSet((int) page, to), "holder of page " + page);
    }
  }

  @Test
  void noTwoCpusHoldAPageAtOnceThoughTheSpaceRunsOutAndIsFlushed() throws Exception {
    onAllCpus(
        (cpu, random) -> {
          List<IovaRange> mine = new ArrayList<>();
          for (int round = 0; round < ROUNDS; round++) {
            long pages = 1L << random.nextInt(8);
            long pfn = mine.size() < 40 ? domain.allocFast(cpu, pages, SPACE_PAGES - 1, true) : 0;
            if (pfn != 0) {
              hold(pfn, pages, 0, cpu + 1);
              mine.add(new IovaRange(pfn, pfn + pages - 1));
            } else if (!mine.isEmpty()) {
              IovaRange range = mine.remove(random.nextInt(mine.size()));
              hold(range.loPfn(), range.sizePages(), cpu + 1, 0);
              domain.freeFast(cpu, range.loPfn(), range.sizePages());
            }
          }
          for (IovaRange range : mine) {
            hold(range.loPfn(), range.sizePages(), cpu + 1, 0);
            domain.free(range.loPfn());
          }
        });
    for (int cpu = 0; cpu < CPUS; cpu++) {
      domain.freeCpuCached(cpu);
    }
    domain.checkInvariants();
  }

  @Test
  void queuedRangesAreFreedOnceEachWhileTimersAndFullRingsFlush() throws Exception {
    ManualTimers timers = new ManualTimers();
    AtomicLong destroyed = new AtomicLong();
    AtomicLong queued = new AtomicLong();
    IovaFlushQueue queue =
        new IovaFlushQueue(domain, timers, () -> {}, data -> destroyed.addAndGet(data));
    onAllCpus(
        (cpu, random) -> {
          for (int round = 0; round < ROUNDS; round++) {
            long pfn = domain.allocFast(cpu, 1, SPACE_PAGES - 1, true);
            if (pfn == 0 || random.nextInt(500) == 0) {
              timers.advance(IovaFlushQueue.TIMEOUT_MILLIS);
            }
            if (pfn != 0) {
              hold(pfn, 1, 0, cpu + 1);
              hold(pfn, 1, cpu + 1, 0);
              queue.queue(cpu, pfn, 1, round);
              queued.addAndGet(round);
            }
          }
        });
    timers.advance(IovaFlushQueue.TIMEOUT_MILLIS);
    assertEquals(queued.get(), destroyed.get());
    queue.close();
    domain.checkInvariants();
  }

  @Test
  void theSpinLockLetsOneThreadInAtATime() throws Exception {
    SpinLock lock = new SpinLock();
    int[] count = {0};
    onAllCpus(
        (cpu, random) -> {
          for (int round = 0; round < ROUNDS; round++) {
            lock.lock();
            try {
              count[0]++;
            } finally {
              lock.unlock();
            }
          }
        });
    assertEquals(CPUS * ROUNDS, count[0]);
  }

  private interface CpuBody {
    void run(int cpu, SplittableRandom random);
  }
}
