package org.iommu4j.iommu.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.spi.IommuDomain;

/** A world and all that is mapped in it, checked after every call. */
final class LiveMappings {
  private static final long PAGE = CachedDomain.PAGE;

  /** One run of memory and where the device has it. */
  private record Piece(long dmaAddr, long phys, long sizeBytes) {}

  private record Mapped(List<Piece> pieces, DmaDirection direction, Runnable unmap) {}

  private final World world;
  private final boolean lazy;
  private final List<Mapped> live = new ArrayList<>();
  private final Set<Long> livePages = new HashSet<>();
  private final Set<Long> pendingPages = new HashSet<>();
  private final Set<Long> deadPages = new HashSet<>();
  private final long framesAtStart;

  LiveMappings(Releases release, boolean lazy) {
    this.world = World.of(release).lazy(lazy).pageSizes(PAGE | 2 * World.MIB).boot();
    this.lazy = lazy;
    this.framesAtStart = world.frames.usedFrames();
  }

  private void begin(int cpu, int maskBits) {
    world.cpus.bind(cpu);
    assertEquals(0, world.dma.setMaskAndCoherent(world.device, DmaMapping.bitMask(maskBits)));
  }

  void map(int cpu, int maskBits, long offset, long sizeBytes, DmaDirection direction) {
    begin(cpu, maskBits);
    long phys = World.BUFFERS + offset;
    long dmaAddr = world.dma.mapSingle(world.device, phys, sizeBytes, direction, 0);
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      return;
    }
    add(
        new Mapped(
            List.of(new Piece(dmaAddr, phys, sizeBytes)),
            direction,
            () -> world.dma.unmapSingle(world.device, dmaAddr, sizeBytes, direction, 0)));
  }

  void mapSg(int cpu, int maskBits, List<Integer> places, DmaDirection direction) {
    begin(cpu, maskBits);
    ScatterList list = new ScatterList(places.size());
    for (int place : places) {
      boolean whole = place % 3 == 0;
      long page = World.BUFFERS + (long) place % 40 * PAGE;
      list.add(page, whole ? 0 : place * 61 % 9000, whole ? 4096 * (1 + place % 2) : 1 + place);
    }
    int segments = world.dma.mapSg(world.device, list, direction, 0);
    if (segments == 0) {
      return;
    }
    List<Piece> pieces = new ArrayList<>();
    int segment = 0;
    int inSegment = 0;
    for (int i = 0; i < list.size(); i++) {
      if (inSegment == list.dmaLengthBytes(segment)) {
        segment++;
        inSegment = 0;
      }
      pieces.add(new Piece(list.dmaAddr(segment) + inSegment, list.phys(i), list.lengthBytes(i)));
      inSegment += list.lengthBytes(i);
      assertTrue(inSegment <= list.dmaLengthBytes(segment), "a segment ends with an entry");
    }
    assertEquals(segments, segment + 1);
    add(new Mapped(pieces, direction, () -> world.dma.unmapSg(world.device, list, direction, 0)));
  }

  void allocCoherent(int cpu, int maskBits, long sizeBytes) {
    begin(cpu, maskBits);
    CoherentBuffer buffer = world.dma.allocCoherent(world.device, sizeBytes, 0);
    if (buffer == null) {
      return;
    }
    List<Piece> pieces = new ArrayList<>();
    for (long at = 0; at < sizeBytes; at += PAGE) {
      long bytes = Math.min(PAGE, sizeBytes - at);
      pieces.add(new Piece(buffer.dmaAddr() + at, buffer.physAt(at), bytes));
      assertEquals(0, world.memory.read8(buffer.physAt(at)));
    }
    add(
        new Mapped(
            pieces,
            DmaDirection.BIDIRECTIONAL,
            () -> world.dma.freeCoherent(world.device, buffer, 0)));
  }

  private static long firstPage(Piece piece) {
    return piece.dmaAddr() & -PAGE;
  }

  private static long endPage(Piece piece) {
    return (piece.dmaAddr() + piece.sizeBytes() + PAGE - 1) & -PAGE;
  }

  private void add(Mapped mapped) {
    Set<Long> pages = pages(mapped);
    for (long page : pages) {
      assertTrue(Long.compareUnsigned(page + PAGE - 1, world.device.dmaMask()) <= 0, "the mask");
      assertFalse(pendingPages.contains(page), "a page that is not flushed is handed out");
      assertTrue(livePages.add(page), "a page that is in use is handed out");
      deadPages.remove(page);
    }
    live.add(mapped);
    check();
  }

  private static Set<Long> pages(Mapped mapped) {
    Set<Long> pages = new HashSet<>();
    for (Piece piece : mapped.pieces()) {
      for (long at = firstPage(piece); at < endPage(piece); at += PAGE) {
        pages.add(at);
      }
    }
    return pages;
  }

  void unmap(int cpu, int choice) {
    if (live.isEmpty()) {
      return;
    }
    world.cpus.bind(cpu);
    Mapped mapped = live.remove(choice % live.size());
    int flushes = world.domain.flushes;
    mapped.unmap().run();
    livePages.removeAll(pages(mapped));
    if (world.domain.flushes != flushes) {
      deadPages.addAll(pendingPages);
      pendingPages.clear();
    }
    (lazy ? pendingPages : deadPages).addAll(pages(mapped));
    check();
  }

  void letTimersFlush() {
    world.letTimersFlush();
    deadPages.addAll(pendingPages);
    pendingPages.clear();
    check();
  }

  private void check() {
    for (Mapped mapped : live) {
      mapped.pieces().forEach(piece -> check(piece, mapped.direction()));
    }
    for (long page : deadPages) {
      assertEquals(-1, world.domain.access(page, IommuDomain.READ), "read after unmap");
      assertEquals(-1, world.domain.access(page + 1, IommuDomain.WRITE), "written after unmap");
    }
    for (long page : livePages) {
      for (long beside : new long[] {page - PAGE, page + PAGE}) {
        if (!livePages.contains(beside) && !pendingPages.contains(beside)) {
          assertEquals(-1, world.domain.access(beside, IommuDomain.READ), "beside a mapping");
        }
      }
    }
    assertEquals(livePages.size(), world.domain.mappedPages());
  }

  private void check(Piece piece, DmaDirection direction) {
    for (long at : new long[] {0, piece.sizeBytes() / 2, piece.sizeBytes() - 1}) {
      long phys = piece.phys() + at;
      long read = world.domain.access(piece.dmaAddr() + at, IommuDomain.READ);
      long written = world.domain.access(piece.dmaAddr() + at, IommuDomain.WRITE);
      assertEquals(direction.deviceReads() ? phys : -1, read);
      assertEquals(direction.deviceWrites() ? phys : -1, written);
    }
  }

  /** Unmaps all; nothing is mapped then, and all frames are back. */
  void unmapAll() {
    for (int i = 0; !live.isEmpty(); i++) {
      unmap(i % 2, i);
    }
    letTimersFlush();
    assertEquals(0, world.domain.mappedPages());
    assertEquals(framesAtStart, world.frames.usedFrames());
  }
}
