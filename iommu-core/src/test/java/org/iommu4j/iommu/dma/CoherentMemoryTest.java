package org.iommu4j.iommu.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.dma.SgTable;
import org.iommu4j.iommu.spi.IommuDomain;
import org.junit.jupiter.api.Test;

/** Coherent memory in one block or in pieces. */
class CoherentMemoryTest {
  private static final long LARGE = 2 << 20;

  /** Gives what it is told to give, in that order, and writes down what it was asked for. */
  private static final class Fed implements PageAllocator {
    final Deque<Long> blocks = new ArrayDeque<>();
    final List<Integer> asked = new ArrayList<>();
    final List<Long> freed = new ArrayList<>();

    @Override
    public long allocate(int order, MemoryZone highest) {
      asked.add(order);
      long next = blocks.isEmpty() ? NONE : Objects.requireNonNull(blocks.peek());
      if (next % (4096L << order) != 0) {
        return NONE;
      }
      blocks.poll();
      return next;
    }

    @Override
    public void free(long phys) {
      freed.add(phys);
    }
  }

  private static CoherentBuffer allocate(World world, long sizeBytes) {
    return Objects.requireNonNull(world.dma.allocCoherent(world.device, sizeBytes, 0));
  }

  @Test
  void anEarlierReleaseTakesOneBlock() {
    World world = World.of(Releases.LINUX_5_10).pageSizes(4096 | LARGE).boot();
    CoherentBuffer buffer = allocate(world, 9000);
    assertEquals(List.of(), buffer.pieces());
    assertEquals(4, world.frames.usedFrames());
    assertEquals(3, world.domain.mappedPages());
    assertEquals(buffer.phys() + 8192, world.domain.iovaToPhys(buffer.dmaAddr() + 8192));
    assertNull(world.dma.allocCoherent(world.device, 8 << 20, 0), "more than any block");
    assertNull(world.dma.allocCoherent(world.device, 0, 0));
    world.dma.freeCoherent(world.device, buffer, 0);
    assertEquals(0, world.frames.usedFrames());
    assertEquals(0, world.domain.mappedPages());
  }

  @Test
  void piecesAreWhatIsThere() {
    Fed pages = new Fed();
    pages.blocks.addAll(List.of(0x5000L, 0x6000L, 0x1000_9000L));
    World world = World.of(Releases.LINUX_6_12).buffers(pages).boot();
    world.memory.fill(0x5000, 4096, (byte) 0x55);
    CoherentBuffer buffer = allocate(world, 9000);
    assertEquals(List.of(0, 0, 0), pages.asked);
    assertEquals(0x5000, buffer.phys());
    assertEquals(0, world.memory.read8(0x5000));
    assertEquals(0x1000_9010L, buffer.physAt(8208));
    assertEquals(0x1000_9010L, world.domain.iovaToPhys(buffer.dmaAddr() + 8208));
    int all = IommuDomain.READ | IommuDomain.WRITE | IommuDomain.CACHE;
    assertEquals(all, world.domain.protection(buffer.dmaAddr()));
    world.dma.freeCoherent(world.device, buffer, 0);
    assertEquals(List.of(0x5000L, 0x6000L, 0x1000_9000L), pages.freed);
    assertEquals(0, world.domain.mappedPages());
  }

  @Test
  void blocksAreAskedForInTheOrdersOfThePages() {
    Fed pages = new Fed();
    pages.blocks.addAll(List.of(0x4000_0000L, 0x8000_1000L, 0x9000_0000L));
    for (long at = 1; at < 512; at++) {
      pages.blocks.add(0x9000_0000L + at * 4096);
    }
    World world = World.of(Releases.LINUX_6_1).buffers(pages).pageSizes(4096 | LARGE).boot();
    CoherentBuffer buffer = allocate(world, 2 * LARGE + 4096);
    assertEquals(List.of(9, 9, 0, 0), pages.asked.subList(0, 4), "not again once there is none");
    assertEquals(new PhysRange(0x4000_0000L, 0x4000_0000L + LARGE), buffer.pieces().get(0));
    assertEquals(new PhysRange(0x8000_1000L, 0x8000_2000L), buffer.pieces().get(1));
    assertEquals(1 + 1 + 512, buffer.pieces().size());
    SgTable table = new SgTable(new ScatterList(4));
    assertEquals(0, table.getSgtable(world.dma, world.device, buffer));
    assertEquals(3, table.mappedEntries());
    assertEquals(LARGE, table.entries().lengthBytes(2));
  }

  @Test
  void aTableListsWhatTheBufferHas() {
    Fed pages = new Fed();
    pages.blocks.addAll(List.of(0x5000L, 0x6000L, 0x1000_9000L));
    World world = World.of(Releases.LINUX_6_12).buffers(pages).boot();
    SgTable table = new SgTable(new ScatterList(4));
    assertEquals(0, table.getSgtable(world.dma, world.device, allocate(world, 9000)));
    assertEquals(2, table.mappedEntries());
    assertEquals(8192, table.entries().lengthBytes(0));
    assertEquals(9000 - 8192, table.entries().lengthBytes(1));
  }

  @Test
  void callersCanWantOneBlockOrSmallPages() {
    World world = World.of(Releases.LINUX_6_12).pageSizes(4096 | LARGE).boot();
    int block = DmaAttributes.FORCE_CONTIGUOUS;
    CoherentBuffer one = Objects.requireNonNull(world.dma.allocCoherent(world.device, 9000, block));
    assertEquals(List.of(), one.pieces());
    world.dma.freeCoherent(world.device, one, block);
    int small = DmaAttributes.ALLOC_SINGLE_PAGES;
    CoherentBuffer many =
        Objects.requireNonNull(world.dma.allocCoherent(world.device, LARGE, small));
    assertEquals(512, many.pieces().size());
    world.dma.freeCoherent(world.device, many, small);
    assertEquals(0, world.frames.usedFrames());
  }

  @Test
  void whatCannotBeHadLeavesNothing() {
    for (Releases release : Releases.values()) {
      World world = World.of(release).pageSizes(4096 | LARGE).boot();
      assertNull(world.dma.allocCoherent(world.device, 1L << 40, 0), "memory");
      assertEquals(0, world.dma.setCoherentMask(world.device, DmaMapping.bitMask(13)));
      allocate(world, 4096);
      long used = world.frames.usedFrames();
      assertNull(world.dma.allocCoherent(world.device, 4096, 0), "addresses");
      assertEquals(0, world.dma.setCoherentMask(world.device, DmaMapping.bitMask(32)));
      world.domain.fillUpAfter(0);
      assertNull(world.dma.allocCoherent(world.device, 4096, 0), "tables");
      assertEquals(used, world.frames.usedFrames());
      assertEquals(1, world.domain.mappedPages());
    }
  }

  @Test
  void noBytesInPiecesAreMisuse() {
    World world = World.of(Releases.LINUX_6_12).boot();
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class, () -> world.dma.allocCoherent(world.device, 0, 0));
    assertTrue(Objects.requireNonNull(thrown.getMessage()).contains("no bytes"));
  }
}
