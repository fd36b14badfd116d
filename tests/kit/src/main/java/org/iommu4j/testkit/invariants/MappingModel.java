package org.iommu4j.testkit.invariants;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.invariants.Mapped.Piece;

/** A system with all that is mapped for one device. Not thread-safe. */
final class MappingModel {
  private static final int NONE = DmaAttributes.NONE;
  private static final int POOL_ORDER = 10;

  /** The bytes of memory that buffers are taken from, aligned to their size. */
  static final int POOL_BYTES = PAGE_BYTES << POOL_ORDER;

  private final Rig rig;
  private final IommuDomain domain;
  private final ReachProbe reach;
  private final TableFrames tables;
  private final long poolPhys;
  private final long framesAtStart;
  private final List<Mapped> live = new ArrayList<>();
  private final RangeSet<Long> livePfns = TreeRangeSet.create();

  /** Unmapped, but not flushed: in reach or not, and not to be handed out. */
  private final RangeSet<Long> pending = TreeRangeSet.create();

  /** Unmapped and flushed. */
  private final RangeSet<Long> dead = TreeRangeSet.create();

  MappingModel(VendorFixture fixture) {
    this.rig = Rig.boot(fixture);
    this.reach = new ReachProbe(rig, fixture.writeOnlyIsReadable());
    this.tables = new TableFrames(fixture.pageTableLevels(), fixture.mapsLargePages());
    this.poolPhys = rig.allocPages(POOL_ORDER);
    this.domain = rig.system().domain(rig.address()).orElseThrow();
    this.framesAtStart = rig.usedFrames();
  }

  private DmaMapping dma() {
    return rig.dma();
  }

  void map(int cpu, int offset, int sizeBytes, DmaDirection direction, int maskBits) {
    begin(cpu, maskBits);
    int size = Math.min(sizeBytes, POOL_BYTES - offset);
    long phys = poolPhys + offset;
    long dmaAddr = dma().mapSingle(rig.device(), phys, size, direction, NONE);
    if (dma().mappingError(rig.device(), dmaAddr)) {
      return;
    }
    Runnable unmap = () -> dma().unmapSingle(rig.device(), dmaAddr, size, direction, NONE);
    add(new Mapped(List.of(new Piece(dmaAddr, phys, size)), direction, 0, unmap));
  }

  void mapSg(int cpu, List<Integer> pages, DmaDirection direction, int maskBits) {
    begin(cpu, maskBits);
    ScatterList list = new ScatterList(pages.size());
    for (int page : pages) {
      list.add(poolPhys + (long) page * PAGE_BYTES, page * 37 % PAGE_BYTES, 1 + page * 11);
    }
    int entries = dma().mapSg(rig.device(), list, direction, NONE);
    if (entries == 0) {
      return;
    }
    Runnable unmap = () -> dma().unmapSg(rig.device(), list, direction, NONE);
    add(new Mapped(pieces(list, entries), direction, 0, unmap));
  }

  /** Returns where each entry went: a segment for the device may hold several, one by one. */
  private static List<Piece> pieces(ScatterList list, int segments) {
    List<Piece> pieces = new ArrayList<>();
    int entry = 0;
    for (int segment = 0; segment < segments; segment++) {
      long doneBytes = 0;
      while (doneBytes < list.dmaLengthBytes(segment)) {
        long dmaAddr = list.dmaAddr(segment) + doneBytes;
        pieces.add(new Piece(dmaAddr, list.phys(entry), list.lengthBytes(entry)));
        doneBytes += list.lengthBytes(entry);
        entry++;
      }
    }
    if (entry != list.size()) {
      throw new AssertionError(entry + " of " + list.size() + " entries were mapped");
    }
    return pieces;
  }

  void allocCoherent(int cpu, int pages) {
    begin(cpu, 32);
    CoherentBuffer buffer = dma().allocCoherent(rig.device(), (long) pages * PAGE_BYTES, NONE);
    if (buffer == null) {
      return;
    }
    Runnable free = () -> dma().freeCoherent(rig.device(), buffer, NONE);
    boolean isOneBlock = buffer.pieces().isEmpty();
    long frames = isOneBlock ? Long.highestOneBit(2L * pages - 1) : pages;
    add(new Mapped(pieces(buffer), DmaDirection.BIDIRECTIONAL, frames, free));
  }

  private static List<Piece> pieces(CoherentBuffer buffer) {
    List<Piece> pieces = new ArrayList<>();
    for (long at = 0; at < buffer.sizeBytes(); at += PAGE_BYTES) {
      long left = Math.min(PAGE_BYTES, buffer.sizeBytes() - at);
      pieces.add(new Piece(buffer.dmaAddr() + at, buffer.physAt(at), left));
    }
    return pieces;
  }

  private void begin(int cpu, int maskBits) {
    rig.system().services().cpus().bind(cpu);
    int error = dma().setMask(rig.device(), DmaMapping.bitMask(maskBits));
    if (error != 0) {
      throw new AssertionError(maskBits + " bits are not served: " + error);
    }
  }

  private void add(Mapped mapped) {
    for (Piece piece : mapped.pieces()) {
      long last = piece.dmaAddr() + piece.sizeBytes() - 1;
      require(Long.compareUnsigned(last, rig.device().dmaMask()) <= 0, piece, "beyond the mask");
      require(!livePfns.intersects(piece.pfns()), piece, "in use");
      require(!pending.intersects(piece.pfns()), piece, "not flushed yet");
      tables.mapped(piece.firstPfn(), piece.phys() >>> PAGE_SHIFT, piece.pages());
    }
    livePfns.addAll(mapped.pfns());
    dead.removeAll(mapped.pfns());
    live.add(mapped);
    check();
  }

  private static void require(boolean holds, Piece piece, String otherwise) {
    if (!holds) {
      throw new AssertionError(
          String.format("0x%x was handed out: it is %s", piece.dmaAddr(), otherwise));
    }
  }

  void unmap(int cpu, int choice) {
    if (live.isEmpty()) {
      return;
    }
    rig.system().services().cpus().bind(cpu);
    Mapped mapped = live.remove(choice % live.size());
    mapped.unmap().run();
    livePfns.removeAll(mapped.pfns());
    for (Range<Long> range : mapped.pfns().asRanges()) {
      tables.unmapped(range.lowerEndpoint(), range.upperEndpoint() - range.lowerEndpoint());
    }
    (rig.isStrict() ? dead : pending).addAll(mapped.pfns());
    check();
  }

  void letTimersFlush() {
    rig.letTimersFlush();
    dead.addAll(pending);
    pending.clear();
    check();
  }

  private void check() {
    live.forEach(
        mapped -> mapped.pieces().forEach(piece -> reach.check(piece, mapped.direction())));
    for (Range<Long> range : livePfns.asRanges()) {
      checkUnreachable(range.lowerEndpoint() - 1);
      checkUnreachable(range.upperEndpoint());
    }
    for (Range<Long> range : dead.asRanges()) {
      checkUnreachable(range.lowerEndpoint());
      checkUnreachable((range.lowerEndpoint() + range.upperEndpoint()) / 2);
      checkUnreachable(range.upperEndpoint() - 1);
    }
    if (pending.isEmpty()) {
      checkFrames();
    }
  }

  private void checkUnreachable(long pfn) {
    if (!livePfns.contains(pfn) && !pending.contains(pfn)) {
      reach.checkNone(pfn * PAGE_BYTES);
    }
  }

  private void checkFrames() {
    long buffers = live.stream().mapToLong(Mapped::bufferFrames).sum();
    long used = rig.usedFrames() - framesAtStart - buffers;
    if (used != tables.count()) {
      throw new AssertionError(used + " page tables, but the kernel has " + tables.count());
    }
  }

  /** Unmaps all; what is left is an empty table, in the frames that the kernel keeps. */
  void unmapAll() {
    for (int i = 0; !live.isEmpty(); i++) {
      unmap(i % 2, i);
    }
    letTimersFlush();
    rig.system().services().cpus().bind(0);
    domain.visit(
        (iova, phys, length, level, bits) -> {
          throw new AssertionError(String.format("0x%x is still mapped", iova));
        });
  }
}
