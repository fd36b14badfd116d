package org.iommu4j.dma;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.iommu4j.dma.DispatchRules.FreeBlocks;
import org.junit.jupiter.api.Test;

final class DmaPoolTest {
  private final PlainOps ops = new PlainOps(new PhysRange(1 << 24, (1 << 24) + 64 * 4096));
  private final DmaMapping dma = new DmaMapping(Dispatch.PLAIN, ops, pfn -> true, DmaObserver.NONE);
  private final List<String> lines = new ArrayList<>();
  private final DeviceLog log = new DeviceLog(lines::add, () -> 0);
  private final DmaPools pools = new DmaPools(FreeBlocks.PAGEWISE, dma, ops.memory, log, false);
  private final Device device = new Device("0000:00:05.0");

  private DmaPool pool(long sizeBytes, long alignBytes, long boundaryBytes) {
    return Objects.requireNonNull(
        pools.create("pool", device, sizeBytes, alignBytes, boundaryBytes));
  }

  private static CoherentBuffer take(DmaPool pool) {
    return Objects.requireNonNull(pool.alloc());
  }

  /** How many blocks the pool hands out before it allocates more memory. */
  private int blocksInFirstPage(DmaPool pool) {
    take(pool);
    long used = ops.frames.usedFrames();
    int blocks = 0;
    while (ops.frames.usedFrames() == used) {
      blocks++;
      take(pool);
    }
    return blocks;
  }

  @Test
  void whatIsNoSizeAlignmentOrBoundaryMakesNoPool() {
    assertNull(pools.create("p", device, 0, 0, 0));
    assertNull(pools.create("p", device, 16, 3, 0));
    assertNull(pools.create("p", device, 64, 64, 32), "the boundary is below the size");
    assertNull(pools.create("p", device, 64, 64, 96), "the boundary is no power of two");
    assertNull(pools.create("p", device, 5000, 8, 4096));
    assertThrows(IllegalArgumentException.class, () -> pools.create("p", device, -1, 0, 0));
    assertEquals(List.of(), pools.show(device));
  }

  @Test
  void sizesAreRoundedUpToFourBytesAndToTheAlignment() {
    assertEquals(4, pool(1, 0, 0).sizeBytes());
    assertEquals(32, pool(24, 32, 64).sizeBytes());
    assertEquals(60, pool(60, 1, 0).sizeBytes());
  }

  @Test
  void aSizeThatRoundsUpBeyond63BitsNamesItself() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> pools.create("p", device, Long.MAX_VALUE, 1L << 62, 0));
    assertEquals(
        "a block of 0x7fffffffffffffff bytes, rounded up, is 2^63 or more", refused.getMessage());
  }

  @Test
  void blocksOfMoreThanFourMebibytesAreMadeOfNoMemory() {
    DmaPool pool = pool(1L << 32, 0, 0);
    assertEquals(1L << 32, pool.sizeBytes());
    assertNull(pool.alloc());
    assertEquals("pool                0    0 4294967296  0", pools.show(device).get(1));
    assertNull(pool((4 << 20) + 1, 0, 1L << 33).alloc());
  }

  @Test
  void atABoundaryOfFourGibibytesTheKernelNeverEndsCutting() {
    assertNotNull(pool(64, 64, 1L << 31).alloc());
    for (long boundary = 1L << 32; boundary > 0; boundary <<= 1) {
      DmaPool pool = pool(64, 64, boundary);
      assertThrows(IllegalStateException.class, pool::alloc);
    }
  }

  @Test
  void theBlockThatEndsAtThePagesEndIsNeverGivenOut() {
    assertEquals(63, blocksInFirstPage(pool(64, 64, 0)));
    assertEquals(1, blocksInFirstPage(pool(2048, 0, 0)));
    assertEquals(1, blocksInFirstPage(pool(4096, 0, 0)));
    assertEquals(8, blocksInFirstPage(pool(256, 0, 512)), "one in each half kilobyte");
  }

  @Test
  void aBlockLeavesItsPageIfTheBoundaryIsBeyondThePage() {
    DmaPool pool = pool(100, 4, 8192);
    CoherentBuffer last = take(pool);
    for (int i = 1; i < 41; i++) {
      last = take(pool);
    }
    assertEquals(4000, last.phys() & 0xfff, "and ends 4 bytes past the page");
  }

  @Test
  void whatWasFreedLastIsGivenOutFirst() {
    DmaPool pool = pool(64, 64, 0);
    CoherentBuffer first = take(pool);
    CoherentBuffer second = take(pool);
    CoherentBuffer third = take(pool);
    pool.free(first);
    pool.free(third);
    assertEquals(third, pool.alloc());
    assertEquals(first, pool.alloc());
    assertEquals(third.phys() + 64, take(pool).phys());
    assertEquals(first.phys() + 64, second.phys());
  }

  @Test
  void theNewestPageIsLookedAtFirst() {
    DmaPool pool = pool(2048, 0, 0);
    CoherentBuffer old = take(pool);
    CoherentBuffer young = take(pool);
    pool.free(old);
    pool.free(young);
    assertEquals(young, pool.alloc());
    assertEquals(old, pool.alloc());
  }

  @Test
  void aBlockIsClearedIfTheCallerOrTheKernelSaysSo() {
    DmaPool pool = pool(64, 64, 0);
    CoherentBuffer dirty = take(pool);
    ops.memory.fill(dirty.phys(), 64, (byte) 0x55);
    pool.free(dirty);
    assertEquals(0x55, ops.memory.read8(take(pool).phys() + 63), "alloc() leaves it as it was");
    pool.free(dirty);
    byte[] bytes = new byte[64];
    ops.memory.read(Objects.requireNonNull(pool.zalloc()).phys(), bytes, 0, 64);
    assertArrayEquals(new byte[64], bytes);

    DmaPool clearing =
        Objects.requireNonNull(
            new DmaPools(FreeBlocks.PAGEWISE, dma, ops.memory, log, true)
                .create("c", device, 64, 64, 0));
    CoherentBuffer block = take(clearing);
    ops.memory.fill(block.phys(), 64, (byte) 0x55);
    clearing.free(block);
    assertEquals(0, ops.memory.read8(take(clearing).phys() + 63));
  }

  @Test
  void memoryIsKeptUntilThePoolIsDestroyed() {
    DmaPool pool = pool(64, 64, 0);
    pool.free(take(pool));
    assertEquals(1, ops.frames.usedFrames());
    pool.destroy();
    assertEquals(0, ops.frames.usedFrames());
    assertEquals(List.of(), lines);
    assertThrows(IllegalStateException.class, pool::alloc);
    assertThrows(IllegalStateException.class, pool::destroy);
  }

  @Test
  void aBusyPageIsReportedAndLost() {
    DmaPool pool = pool(64, 64, 0);
    CoherentBuffer block = take(pool);
    pool.destroy();
    assertEquals(
        List.of(String.format("pci 0000:00:05.0: dma_pool_destroy pool, %016x busy", block.phys())),
        lines);
    assertEquals(1, ops.frames.usedFrames());
  }

  @Test
  void anAddressOfNoPageIsReportedAndIgnored() {
    DmaPool pool = pool(64, 64, 0);
    CoherentBuffer block = take(pool);
    pool.free(new CoherentBuffer(block.phys(), 0x1000, 64));
    assertEquals(
        List.of(
            String.format(
                "pci 0000:00:05.0: dma_pool_free pool, %016x/0x0000000000001000 (bad dma)",
                block.phys())),
        lines);
    assertEquals("pool                1   64   64  1", pools.show(device).get(1));
  }

  @Test
  void freeingTwiceOrWithAddressesOfTwoBlocksIsMisuse() {
    DmaPool pool = pool(64, 64, 0);
    CoherentBuffer one = take(pool);
    CoherentBuffer other = take(pool);
    CoherentBuffer mixed = new CoherentBuffer(other.phys(), one.dmaAddr(), 64);
    assertThrows(IllegalArgumentException.class, () -> pool.free(mixed));
    pool.free(one);
    IllegalArgumentException twice =
        assertThrows(IllegalArgumentException.class, () -> pool.free(one));
    assertEquals(
        String.format("0x%x of the pool pool is free already", one.dmaAddr()), twice.getMessage());
  }

  @Test
  void writingToAFreeBlockIsFoundWhenItHasLedAstray() {
    DmaPool pool = pool(64, 64, 0);
    CoherentBuffer block = take(pool);
    pool.free(block);
    ops.memory.write32(block.phys(), 12);
    take(pool);
    assertThrows(IllegalStateException.class, pool::alloc);
  }

  @Test
  void withoutMemoryThereIsNoBlock() {
    DmaPool pool = pool(4096, 0, 0);
    for (int i = 0; i < 64; i++) {
      assertNotNull(pool.alloc());
    }
    assertNull(pool.alloc());
  }

  @Test
  void managedResourcesGoWithTheirDriverNewestFirst() {
    DmaPool pool;
    try (ManagedDma managed = new ManagedDma(dma, pools, device)) {
      pool = Objects.requireNonNull(managed.createPool("managed", 64, 64, 0));
      pool.free(take(pool));
      CoherentBuffer early = Objects.requireNonNull(managed.allocCoherent(8192, 0));
      assertNotNull(managed.allocCoherent(4096, 0));
      assertEquals(4, ops.frames.usedFrames());
      managed.freeCoherent(early);
      assertEquals(2, ops.frames.usedFrames());
      assertThrows(IllegalArgumentException.class, () -> managed.freeCoherent(early));
      DmaPool gone = Objects.requireNonNull(managed.createPool("gone", 64, 64, 0));
      managed.destroyPool(gone);
      assertThrows(IllegalStateException.class, gone::alloc);
    }
    assertEquals(0, ops.frames.usedFrames());
    assertThrows(IllegalStateException.class, pool::alloc);
  }

  @Test
  void whatIsLeftGoesNewestFirst() {
    ManagedDma managed = new ManagedDma(dma, pools, device);
    DmaPool pool = Objects.requireNonNull(managed.createPool("managed", 64, 64, 0));
    Objects.requireNonNull(managed.createPool("later", 64, 64, 0)).alloc();
    CoherentBuffer block = take(pool);
    managed.close();
    assertEquals(
        List.of("later", "managed"),
        lines.stream().map(line -> line.replaceAll(".*destroy (\\w+),.*", "$1")).toList());
    assertEquals(0, block.phys() & 63);
  }

  @Property(tries = 200)
  void liveBlocksNeverOverlapNorCrossABoundary(
      @ForAll @IntRange(min = 1, max = 6000) int sizeBytes,
      @ForAll @IntRange(min = 0, max = 7) int alignShift,
      @ForAll @IntRange(min = 0, max = 12) int boundaryShift,
      @ForAll @Size(max = 80) List<@IntRange(min = -40, max = 40) Integer> steps) {
    int boundary = boundaryShift < 3 ? 0 : 1 << boundaryShift;
    DmaPool made = pools.create("any", device, sizeBytes, 1 << alignShift, boundary);
    Assume.that(made != null);
    DmaPool pool = Objects.requireNonNull(made);
    long limit = boundary == 0 ? Math.max(4096, pool.sizeBytes()) : boundary;
    Map<Long, CoherentBuffer> live = new HashMap<>();
    for (int step : steps) {
      if (step >= 0 || live.isEmpty()) {
        CoherentBuffer block = pool.alloc();
        if (block == null) {
          continue;
        }
        for (CoherentBuffer other : live.values()) {
          assertTrue(Math.abs(block.phys() - other.phys()) >= pool.sizeBytes());
        }
        assertEquals(0, block.dmaAddr() & (1 << alignShift) - 1);
        if (limit <= 4096) {
          long last = block.phys() + pool.sizeBytes() - 1;
          assertEquals(block.phys() / limit, last / limit, "it crosses a boundary");
        }
        assertEquals(block.phys() + PlainOps.SHIFT, block.dmaAddr());
        live.put(block.phys(), block);
      } else {
        CoherentBuffer freed =
            live.values().stream().skip(-step % live.size()).findFirst().orElseThrow();
        live.remove(freed.phys());
        pool.free(freed);
      }
    }
    live.values().forEach(pool::free);
    pool.destroy();
    assertEquals(0, ops.frames.usedFrames());
  }
}
