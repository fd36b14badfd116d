package org.iommu4j.vtd.kit;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.testkit.Rig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A driver maps while memory for page tables runs out, at each of the tables in turn: {@code
 * drivers/iommu/intel/iommu.c:__intel_map_single}, {@code intel_map_sg}.
 */
final class OutOfMemoryTest {
  private static final int ENTRIES = 3;
  private static final int BYTES = ENTRIES * 512 * PAGE_BYTES;
  private static final int SPARE_FRAMES = 16;

  @ParameterizedTest
  @EnumSource(IntelFixture.class)
  void theAddressOfABufferIsFreeAgain(IntelFixture fixture) {
    Rig rig = Rig.boot(fixture);
    long phys = memory(rig);
    long expected = buffer(rig, phys);
    assertNotEquals(DmaMapping.MAPPING_ERROR, expected);

    Rig scarce = Rig.boot(fixture);
    assertEquals(phys, memory(scarce));
    Deque<Long> frames = takeAll(scarce);
    int failures = 0;
    long dmaAddr = buffer(scarce, phys);
    for (; dmaAddr == DmaMapping.MAPPING_ERROR; dmaAddr = buffer(scarce, phys)) {
      failures++;
      scarce.system().services().frames().free(frames.pop());
    }
    assertTrue(failures >= ENTRIES);
    assertEquals(expected, dmaAddr);
  }

  @ParameterizedTest
  @EnumSource(IntelFixture.class)
  void theAddressesOfAListAreFreeAgainAndNothingIsMapped(IntelFixture fixture) {
    Rig rig = Rig.boot(fixture);
    long phys = memory(rig);
    ScatterList list = list(phys);
    assertEquals(ENTRIES, map(rig, list));
    long expected = list.dmaAddr(0);

    Rig scarce = Rig.boot(fixture);
    assertEquals(phys, memory(scarce));
    Deque<Long> frames = takeAll(scarce);
    int failures = 0;
    while (map(scarce, list) == 0) {
      assertEquals(0, leaves(scarce));
      failures++;
      scarce.system().services().frames().free(frames.pop());
    }
    assertTrue(failures >= ENTRIES);
    assertEquals(expected, list.dmaAddr(0));
  }

  /** Returns memory that is not aligned for a large page. */
  private static long memory(Rig rig) {
    return rig.allocPages(FrameAllocator.MAX_ORDER) + PAGE_BYTES;
  }

  private static long buffer(Rig rig, long phys) {
    return rig.dma()
        .mapPage(rig.device(), phys, 0, BYTES, DmaDirection.TO_DEVICE, DmaAttributes.NONE);
  }

  private static ScatterList list(long phys) {
    ScatterList list = new ScatterList(ENTRIES);
    for (int i = 0; i < ENTRIES; i++) {
      list.add(phys, 0, BYTES / ENTRIES);
    }
    return list;
  }

  private static int map(Rig rig, ScatterList list) {
    return rig.dma().mapSg(rig.device(), list, DmaDirection.TO_DEVICE, DmaAttributes.NONE);
  }

  /** Leaves no frame free; returns single frames that were. */
  private static Deque<Long> takeAll(Rig rig) {
    FrameAllocator frames = rig.system().services().frames();
    Deque<Long> single = new ArrayDeque<>();
    for (int i = 0; i < SPARE_FRAMES; i++) {
      single.push(frames.allocate(0, MemoryZone.NORMAL));
    }
    for (int order = FrameAllocator.MAX_ORDER; order >= 0; ) {
      if (frames.allocate(order, MemoryZone.NORMAL) == FrameAllocator.NONE) {
        order--;
      }
    }
    return single;
  }

  private static int leaves(Rig rig) {
    AtomicInteger leaves = new AtomicInteger();
    rig.system()
        .domain(rig.address())
        .orElseThrow()
        .visit((iova, phys, length, level, bits) -> leaves.incrementAndGet());
    return leaves.get();
  }
}
