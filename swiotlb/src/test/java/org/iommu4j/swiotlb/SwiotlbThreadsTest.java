package org.iommu4j.swiotlb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.PhysicalMemory;
import org.junit.jupiter.api.Test;

final class SwiotlbThreadsTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 3000;

  private final PhysicalMemory memory = PhysicalMemory.everywhere();
  private final SwiotlbPool pool =
      SwiotlbPool.at(Rules.USUAL, memory, 0x10_0000, 128, SwiotlbForce.NORMAL, DeviceLog.silent());

  @Test
  void threadsNeverSeeEachOthersBytes() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    List<Future<Integer>> moved = new ArrayList<>();
    for (int i = 1; i <= THREADS; i++) {
      byte own = (byte) i;
      moved.add(executor.submit(() -> mapAndUnmap(own)));
    }
    executor.shutdown();
    for (Future<Integer> one : moved) {
      assertEquals(0, one.get(60, TimeUnit.SECONDS), "mappings with foreign bytes");
    }
    pool.checkInvariants();
    assertEquals(0, pool.usedSlots());
  }

  private int mapAndUnmap(byte own) {
    Device device = new Device("0000:00:0" + own + ".0");
    SplittableRandom random = new SplittableRandom(own);
    int foreign = 0;
    long phys = ((long) own << 32) + 100;
    for (int i = 0; i < ROUNDS; i++) {
      int bytes = 8 + 8 * random.nextInt(2000);
      memory.fill(phys, bytes, own);
      long copy = pool.map(device, phys, bytes, DmaDirection.BIDIRECTIONAL, 0);
      if (copy != DmaMapping.MAPPING_ERROR) {
        memory.fill(copy, bytes, (byte) -own);
        Thread.onSpinWait();
        pool.unmapSingle(device, copy, bytes, bytes, DmaDirection.BIDIRECTIONAL, 0);
        foreign += memory.read8(phys) == -own && memory.read8(phys + bytes - 1) == -own ? 0 : 1;
      }
    }
    return foreign;
  }
}
