package org.iommu4j.testkit.contract;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a vendor promises to two threads, each on its CPU, that map for one device at once: the
 * number of rounds bounds it, and nothing waits.
 */
public abstract class TwoCpusContract {
  private static final int ROUNDS = 3_000;
  private static final int LIVE = 24;
  private static final long SEED = 51017;
  private static final int NONE = DmaAttributes.NONE;

  /** Which CPU has an I/O page mapped. */
  private final ConcurrentHashMap<Long, Integer> owners = new ConcurrentHashMap<>();

  /** All I/O pages that were ever mapped. */
  private final Set<Long> touched = ConcurrentHashMap.newKeySet();

  /** Makes a test. */
  protected TwoCpusContract() {}

  /** Returns the vendor. */
  protected abstract VendorFixture fixture();

  private record Mapping(long dmaAddr, long phys, int sizeBytes) {
    long firstPfn() {
      return dmaAddr >>> PAGE_SHIFT;
    }

    long lastPfn() {
      return (dmaAddr + sizeBytes - 1) >>> PAGE_SHIFT;
    }
  }

  /** Each device's access ends in the buffer of the CPU that mapped it; nothing is left behind. */
  @Test
  @Timeout(60)
  public void twoCpusMapApart() throws InterruptedException, ExecutionException {
    Rig rig = Rig.boot(fixture());
    List<Callable<Long>> bodies = new ArrayList<>();
    for (int cpu = 0; cpu < KitMachine.CPUS; cpu++) {
      int onCpu = cpu;
      long phys = rig.allocPages(5);
      bodies.add(() -> mapAndUnmap(rig, onCpu, phys));
    }
    assertNotNull(rig.dma());
    long framesAtStart = rig.usedFrames();
    ExecutorService threads = Executors.newFixedThreadPool(KitMachine.CPUS);
    try {
      for (Future<Long> done : threads.invokeAll(bodies)) {
        assertEquals(ROUNDS, done.get());
      }
    } finally {
      threads.shutdownNow();
    }
    rig.letTimersFlush();
    assertEquals(tablesKept(), rig.usedFrames() - framesAtStart, "page tables");
    rig.system()
        .domain(rig.address())
        .orElseThrow()
        .visit(
            (iova, phys, length, level, bits) -> {
              throw new AssertionError(String.format("0x%x is still mapped", iova));
            });
  }

  /**
   * No mapping is large enough to take a table away again, so there is one for each touched part.
   */
  private long tablesKept() {
    long kept = 0;
    for (int level = 1; level < fixture().pageTableLevels(); level++) {
      int shift = 9 * level;
      kept += touched.stream().mapToLong(pfn -> pfn >>> shift).distinct().count();
    }
    return kept;
  }

  private long mapAndUnmap(Rig rig, int cpu, long phys) {
    rig.system().services().cpus().bind(cpu);
    SplittableRandom random = new SplittableRandom(SEED + cpu);
    Deque<Mapping> live = new ArrayDeque<>();
    for (int round = 0; round < ROUNDS; round++) {
      live.addLast(map(rig, cpu, phys + random.nextInt(20 * PAGE_BYTES), random.nextInt(30_000)));
      if (live.size() == LIVE) {
        unmap(rig, cpu, random.nextBoolean() ? live.removeFirst() : live.removeLast());
      }
    }
    live.forEach(mapping -> unmap(rig, cpu, mapping));
    return ROUNDS;
  }

  private Mapping map(Rig rig, int cpu, long phys, int bytes) {
    int size = bytes + 1;
    long dmaAddr = rig.dma().mapSingle(rig.device(), phys, size, DmaDirection.BIDIRECTIONAL, NONE);
    require(!rig.dma().mappingError(rig.device(), dmaAddr), cpu, phys, "is not mapped");
    Mapping mapping = new Mapping(dmaAddr, phys, size);
    for (long pfn = mapping.firstPfn(); pfn <= mapping.lastPfn(); pfn++) {
      touched.add(pfn);
      require(owners.putIfAbsent(pfn, cpu) == null, cpu, pfn, "is mapped twice");
    }
    byte mark = (byte) (phys + size);
    require(rig.canWrite(dmaAddr, mark), cpu, dmaAddr, "is refused");
    require(rig.memory().read8(phys) == mark, cpu, dmaAddr, "leads elsewhere");
    require(rig.canRead(dmaAddr + size - 1), cpu, dmaAddr, "ends early");
    return mapping;
  }

  private void unmap(Rig rig, int cpu, Mapping mapping) {
    require(rig.canRead(mapping.dmaAddr()), cpu, mapping.dmaAddr(), "was lost");
    for (long pfn = mapping.firstPfn(); pfn <= mapping.lastPfn(); pfn++) {
      require(owners.remove(pfn, cpu), cpu, pfn, "was taken away");
    }
    rig.dma()
        .unmapSingle(
            rig.device(), mapping.dmaAddr(), mapping.sizeBytes(), DmaDirection.BIDIRECTIONAL, NONE);
  }

  private static void require(boolean holds, int cpu, long what, String otherwise) {
    if (!holds) {
      throw new AssertionError(
          String.format("cpu %d: 0x%x %s (seed %d)", cpu, what, otherwise, SEED));
    }
  }
}
