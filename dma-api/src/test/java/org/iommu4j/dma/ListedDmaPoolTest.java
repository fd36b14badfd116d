package org.iommu4j.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.iommu4j.dma.DispatchRules.FreeBlocks;
import org.junit.jupiter.api.Test;

final class ListedDmaPoolTest {
  private final PlainOps ops = new PlainOps(new PhysRange(1 << 24, (1 << 24) + 64 * 4096));
  private final DmaMapping dma = new DmaMapping(Dispatch.PLAIN, ops, pfn -> true, DmaObserver.NONE);
  private final List<String> lines = new ArrayList<>();
  private final DmaPools pools =
      new DmaPools(FreeBlocks.LISTED, dma, ops.memory, new DeviceLog(lines::add, () -> 0), true);
  private final Device device = new Device("0000:00:05.0");

  private DmaPool pool(long sizeBytes, long alignBytes, long boundaryBytes) {
    return Objects.requireNonNull(
        pools.create("pool", device, sizeBytes, alignBytes, boundaryBytes));
  }

  private static CoherentBuffer take(DmaPool pool) {
    return Objects.requireNonNull(pool.alloc());
  }

  @Test
  void blocksAreOfSixteenBytesAtLeastAndOfLessThanTwoGibibytes() {
    assertEquals(16, pool(1, 0, 0).sizeBytes());
    assertNull(pools.create("p", device, 1L << 31, 0, 0));
    assertNotNull(pools.create("p", device, (1L << 31) - 1, 0, 0));
  }

  @Test
  void blockThatEndsAtTheBoundaryIsGivenOut() {
    DmaPool pool = pool(64, 64, 0);
    CoherentBuffer first = take(pool);
    for (int i = 1; i < 64; i++) {
      assertEquals(first.dmaAddr() + i * 64L, take(pool).dmaAddr());
    }
    assertEquals("pool               64   64   64  1", pools.show(device).get(1));
    take(pool);
    assertEquals("pool               65  128   64  2", pools.show(device).get(1));
  }

  @Test
  void whatWasFreedLastComesFirstWhateverPageItIsOf() {
    DmaPool pool = pool(2048, 0, 0);
    CoherentBuffer old = take(pool);
    take(pool);
    CoherentBuffer newer = take(pool);
    pool.free(newer);
    pool.free(old);
    assertEquals(old, take(pool));
    assertEquals(newer, take(pool));
  }

  @Test
  void blockThatIsFreedUnderAnotherAddressIsGivenOutUnderIt() {
    DmaPool pool = pool(64, 64, 0);
    CoherentBuffer block = take(pool);
    pool.free(new CoherentBuffer(block.phys(), 0x5000, 64));
    CoherentBuffer again = take(pool);
    assertEquals(0x5000, again.dmaAddr());
    assertEquals(block.phys(), again.phys());
    assertEquals(List.of(), lines);
  }

  @Test
  void poolInUseIsLostAsAWhole() {
    DmaPool pool = pool(4096, 0, 0);
    CoherentBuffer kept = take(pool);
    CoherentBuffer freed = take(pool);
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          pool.free(freed);
          pool.free(freed);
        });
    assertNotNull(kept);
    pool.destroy();
    assertEquals(List.of("pci 0000:00:05.0: dma_pool_destroy pool busy"), lines);
    assertEquals(2, ops.frames.usedFrames());
  }

  @Property(tries = 200)
  void noBlockCrossesABoundaryAndNoTwoOverlap(
      @ForAll @IntRange(min = 1, max = 3000) int size,
      @ForAll @IntRange(min = 0, max = 6) int alignBits,
      @ForAll @IntRange(min = 4, max = 14) int boundaryBits) {
    long boundary = 1L << boundaryBits;
    DmaPool pool = pools.create("p", device, size, 1L << alignBits, boundary);
    if (pool != null) {
      List<CoherentBuffer> taken = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        CoherentBuffer block = take(pool);
        long start = block.dmaAddr();
        long within = Math.min(boundary, 4096);
        assertEquals(start / within, (start + pool.sizeBytes() - 1) / within);
        assertEquals(0, start % (1L << alignBits));
        for (CoherentBuffer other : taken) {
          assertTrue(Math.abs(other.dmaAddr() - start) >= pool.sizeBytes());
        }
        taken.add(block);
      }
      taken.forEach(pool::free);
      pool.destroy();
      assertEquals(0, ops.frames.usedFrames());
    }
  }
}
