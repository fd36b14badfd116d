package org.iommu4j.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class FrameAllocatorTest {
  private static final PhysicalMemory SIX_GIB =
      PhysicalMemory.ofRam(
          List.of(
              new PhysRange(0, 0xa0000),
              new PhysRange(0x100000, 0x8000_0000L),
              new PhysRange(0x1_0000_0000L, 0x2_0000_0000L)));

  @Test
  void eachZoneGivesFramesOfItsOwn() {
    FrameAllocator frames = new FrameAllocator(SIX_GIB);
    for (MemoryZone zone : MemoryZone.values()) {
      long phys = frames.allocate(0, zone);
      assertTrue(zone.range().contains(phys), () -> zone + " gave 0x" + Long.toHexString(phys));
    }
    assertEquals(3, frames.usedFrames());
  }

  @Test
  void aFullZoneIsHelpedOutFromBelowAndThenThereIsNone() {
    PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(0x1000, 0x4000)));
    FrameAllocator frames = new FrameAllocator(memory);
    assertEquals(0x1000, frames.allocate(0, MemoryZone.NORMAL));
    assertEquals(0x2000, frames.allocate(1, MemoryZone.NORMAL));
    assertEquals(FrameAllocator.NONE, frames.allocate(0, MemoryZone.NORMAL));
  }

  @Test
  void aSecondFreeAndAWrongOrderAreTheCallersMistake() {
    FrameAllocator frames = new FrameAllocator(SIX_GIB);
    long phys = frames.allocate(2, MemoryZone.DMA32);
    frames.free(phys);
    assertThrows(IllegalArgumentException.class, () -> frames.free(phys));
    assertThrows(IllegalArgumentException.class, () -> frames.allocate(11, MemoryZone.DMA));
  }

  @Test
  void zeroedFramesAreZeroAfterUse() {
    FrameAllocator frames = new FrameAllocator(SIX_GIB);
    long phys = frames.allocate(0, MemoryZone.NORMAL);
    SIX_GIB.write64(phys + 8, 5);
    frames.free(phys);
    assertEquals(phys, frames.allocateZeroed(0, MemoryZone.NORMAL));
    assertEquals(0, SIX_GIB.read64(phys + 8));
  }

  @Test
  void theSingleFrameFreedLastIsTheFirstToBeTakenAgain() {
    FrameAllocator frames = new FrameAllocator(SIX_GIB);
    long first = frames.allocate(0, MemoryZone.DMA32);
    long second = frames.allocate(0, MemoryZone.DMA32);
    frames.free(second);
    frames.free(first);
    assertThrows(IllegalArgumentException.class, () -> frames.free(first));
    assertEquals(first, frames.allocate(0, MemoryZone.DMA32));
    assertEquals(second, frames.allocate(0, MemoryZone.DMA32));
  }

  @Property(tries = 50)
  void blocksAreAlignedDisjointAndAllComeBack(@ForAll long seed) {
    PhysicalMemory memory =
        PhysicalMemory.ofRam(
            List.of(new PhysRange(0x3000, 0x85000), new PhysRange(0xff0000, 0x1900000)));
    FrameAllocator frames = new FrameAllocator(memory);
    Random random = new Random(seed);
    TreeMap<Long, Long> used = new TreeMap<>();
    for (int i = 0; i < 300; i++) {
      if (random.nextInt(3) == 0 && !used.isEmpty()) {
        List<Long> starts = new ArrayList<>(used.keySet());
        long phys = starts.get(random.nextInt(starts.size()));
        used.remove(phys);
        frames.free(phys);
        continue;
      }
      int order = random.nextInt(5);
      long phys = frames.allocate(order, MemoryZone.NORMAL);
      if (phys != FrameAllocator.NONE) {
        checkBlock(memory, used, phys, 4096L << order);
      }
    }
    used.keySet().forEach(frames::free);
    assertEquals(0, frames.usedFrames());
    assertEquals(0x1000000, frames.allocate(10, MemoryZone.NORMAL));
  }

  private static void checkBlock(
      PhysicalMemory memory, NavigableMap<Long, Long> used, long phys, long bytes) {
    assertEquals(0, phys & (bytes - 1));
    assertTrue(memory.isRam(phys) && memory.isRam(phys + bytes - 1));
    var before = used.floorEntry(phys + bytes - 1);
    assertTrue(before == null || before.getKey() + before.getValue() <= phys);
    used.put(phys, bytes);
  }
}
