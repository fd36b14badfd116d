package org.iommu4j.iommu.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.common.collect.ImmutableList;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.ScatterList;
import org.junit.jupiter.api.Test;

/** Two CPUs that map for one device. */
class DmaIommuThreadsTest {
  private static final int ROUNDS = 20_000;

  private final AtomicIntegerArray owners = new AtomicIntegerArray(1 << 20);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  @Test
  void noPageIsTwoCpusAtATime() throws InterruptedException {
    for (Releases release : Releases.values()) {
      for (boolean lazy : new boolean[] {false, true}) {
        World world = World.of(release).lazy(lazy).boot();
        PlainDomain domain = new PlainDomain(world.domain.type());
        DmaClient client =
            new DmaClient(world.device, true, false, HostBridge.none(), ImmutableList.of());
        world.device.setDmaOps(world.iommu.setUpDmaOps(client, domain));
        Thread first = new Thread(() -> run(world, 0));
        Thread second = new Thread(() -> run(world, 1));
        first.start();
        second.start();
        first.join();
        second.join();
        assertNull(failure.get(), () -> release + ": " + failure.get());
      }
    }
  }

  private void run(World world, int cpu) {
    try {
      world.cpus.bind(cpu);
      for (int i = 0; i < ROUNDS; i++) {
        page(world, cpu, 1 + i % 9 * 2000);
        list(world, cpu, 1 + i % 3);
      }
    } catch (RuntimeException | AssertionError e) {
      failure.compareAndSet(null, e);
    }
  }

  private void page(World world, int cpu, int sizeBytes) {
    DmaDirection to = DmaDirection.TO_DEVICE;
    long dmaAddr = world.dma.mapSingle(world.device, World.BUFFERS, sizeBytes, to, 0);
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      throw new AssertionError("there is room");
    }
    own(dmaAddr, sizeBytes, 0, cpu + 1);
    own(dmaAddr, sizeBytes, cpu + 1, 0);
    world.dma.unmapSingle(world.device, dmaAddr, sizeBytes, to, 0);
  }

  private void list(World world, int cpu, int entries) {
    ScatterList list = new ScatterList(entries);
    for (int i = 0; i < entries; i++) {
      list.add(World.BUFFERS + 16384L * i, 0, 4096);
    }
    DmaDirection to = DmaDirection.TO_DEVICE;
    assertEquals(1, world.dma.mapSg(world.device, list, to, 0));
    own(list.dmaAddr(0), list.dmaLengthBytes(0), 0, cpu + 1);
    own(list.dmaAddr(0), list.dmaLengthBytes(0), cpu + 1, 0);
    world.dma.unmapSg(world.device, list, to, 0);
  }

  private void own(long dmaAddr, long sizeBytes, int from, int to) {
    for (long at = dmaAddr >>> 12; at <= (dmaAddr + sizeBytes - 1) >>> 12; at++) {
      if (!owners.compareAndSet((int) at, from, to)) {
        throw new AssertionError(String.format("page 0x%x is another CPU's", at));
      }
    }
  }
}
