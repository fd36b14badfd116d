package org.iommu4j.iommu.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.spi.IommuDomain;
import org.junit.jupiter.api.Test;

/** Which entries of a list become one segment. */
class JoinedListsTest {
  private static final long PAGE = CachedDomain.PAGE;

  private record Entry(int page, int offset, int length) {}

  private record Segment(long dmaAddr, long length) {}

  /**
   * What the rules say, entry by entry: first how far each lies from the list's beginning, and then
   * which join.
   */
  private static List<Segment> expected(
      List<Entry> entries, long address, long boundaryMask, long maxBytes) {
    List<Long> starts = new ArrayList<>();
    List<Boolean> padded = new ArrayList<>();
    long total = 0;
    for (Entry entry : entries) {
      long offset = entry.offset % PAGE;
      long whole = (offset + entry.length + PAGE - 1) / PAGE * PAGE;
      long toBoundary = (boundaryMask + 1 - total % (boundaryMask + 1)) % (boundaryMask + 1);
      if (toBoundary != 0 && toBoundary < whole - 1) {
        total += toBoundary;
        padded.set(padded.size() - 1, true);
      }
      starts.add(total);
      padded.add((offset + entry.length) % PAGE != 0);
      total += whole;
    }
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      long offset = entries.get(i).offset % PAGE;
      long at = address + starts.get(i);
      Segment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
      boolean joins =
          last != null
              && !padded.get(i - 1)
              && offset == 0
              && at % (boundaryMask + 1) != 0
              && (last.length > maxBytes || last.length + entries.get(i).length <= maxBytes);
      if (last != null && joins) {
        segments.set(
            segments.size() - 1, new Segment(last.dmaAddr, last.length + entries.get(i).length));
      } else {
        segments.add(new Segment(at + offset, entries.get(i).length));
      }
    }
    return segments;
  }

  @Property
  void listsAreJoinedByTheRules(
      @ForAll Releases release,
      @ForAll @Size(min = 1, max = 12) List<@From("entries") Entry> entries,
      @ForAll("boundaries") long boundaryMask,
      @ForAll("limits") int maxBytes) {
    World world = World.of(release).boot();
    world.device.setSegmentBoundaryMask(boundaryMask);
    world.device.setMaxSegmentSizeBytes(maxBytes);
    ScatterList list = list(entries);
    int count = world.dma.mapSg(world.device, list, DmaDirection.TO_DEVICE, 0);
    long address = list.dmaAddr(0) & -PAGE;
    assertEquals(expected(entries, address, boundaryMask, maxBytes), segments(list, count));
    for (int i = count; i < list.size(); i++) {
      assertEquals(DmaMapping.MAPPING_ERROR, list.dmaAddr(i), "past the last segment");
      assertEquals(0, list.dmaLengthBytes(i));
    }
    world.dma.unmapSg(world.device, list, DmaDirection.TO_DEVICE, 0);
    assertEquals(0, world.domain.mappedPages());
  }

  private static ScatterList list(List<Entry> entries) {
    ScatterList list = new ScatterList(entries.size());
    for (Entry entry : entries) {
      list.add(World.BUFFERS + entry.page * PAGE, entry.offset, entry.length);
    }
    return list;
  }

  private static List<Segment> segments(ScatterList list, int count) {
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      segments.add(new Segment(list.dmaAddr(i), Integer.toUnsignedLong(list.dmaLengthBytes(i))));
    }
    return segments;
  }

  @Provide
  Arbitrary<Entry> entries() {
    Arbitrary<Integer> offsets =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.of(0, 4096)),
            Tuple.of(1, Arbitraries.integers().between(0, 9000)));
    Arbitrary<Integer> lengths =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.of(4096, 8192, 65536, 131072)),
            Tuple.of(1, Arbitraries.integers().between(1, 70_000)));
    return Combinators.combine(Arbitraries.integers().between(0, 100), offsets, lengths)
        .as(Entry::new);
  }

  @Provide
  Arbitrary<Long> boundaries() {
    return Arbitraries.of(0xffff_ffffL, 0xffffL, 0x3_ffffL, 0xf_ffffL);
  }

  @Provide
  Arbitrary<Integer> limits() {
    return Arbitraries.of(65536, 4096, 20_000, 1 << 30);
  }

  @Test
  void aListThatFailsIsVoid() {
    for (Releases release : Releases.values()) {
      World world = World.of(release).boot();
      world.domain.fillUpAfter(2);
      ScatterList list =
          list(List.of(new Entry(1, 5, 100), new Entry(9, 0, 4096), new Entry(20, 0, 8192)));
      int errno = release == Releases.LINUX_5_10 ? 0 : -12;
      assertEquals(errno, world.ops().mapSg(world.device, list, DmaDirection.TO_DEVICE, 0));
      for (int i = 0; i < list.size(); i++) {
        assertEquals(DmaMapping.MAPPING_ERROR, list.dmaAddr(i));
        assertEquals(0, list.dmaLengthBytes(i));
      }
      assertEquals(0, world.domain.mappedPages(), release.name());
      assertEquals(0, world.dma.mapSg(world.device, list, DmaDirection.TO_DEVICE, 0));
    }
  }

  @Test
  void aListOfNoBytesTakesAnAddressOrNot() {
    for (Releases release : Releases.values()) {
      World world = World.of(release).boot();
      ScatterList list = list(List.of(new Entry(1, 0, 0)));
      assertEquals(1, world.dma.mapSg(world.device, list, DmaDirection.TO_DEVICE, 0));
      boolean hasAddress = release == Releases.LINUX_5_10;
      assertEquals(hasAddress ? 0xffff_f000L : 0, list.dmaAddr(0), release.name());
      long other = world.dma.mapSingle(world.device, World.BUFFERS, 1, DmaDirection.TO_DEVICE, 0);
      assertEquals(hasAddress ? 0xffff_e000L : 0xffff_f000L, other);
      world.dma.unmapSg(world.device, list, DmaDirection.TO_DEVICE, 0);
      assertEquals(1, world.domain.mappedPages());
      long third = world.dma.mapSingle(world.device, World.BUFFERS, 1, DmaDirection.TO_DEVICE, 0);
      assertEquals(hasAddress ? 0xffff_f000L : 0xffff_e000L, third, "whether one came back");
    }
  }

  @Test
  void anEmptyEntryPadsTheOneBeforeToTheBoundary() {
    // The rest of 4 GiB after two pages, which is more than an entry's length can say.
    ScatterList list = list(List.of(new Entry(1, 0, 4096), new Entry(2, 0, 0)));
    World refusing = World.of(Releases.LINUX_6_12).boot();
    assertEquals(-22, refusing.ops().mapSg(refusing.device, list, DmaDirection.TO_DEVICE, 0));
    World wrapping = World.of(Releases.LINUX_6_1).boot();
    assertEquals(0, wrapping.dma.setMask(wrapping.device, DmaMapping.bitMask(48)));
    assertEquals(-22, wrapping.ops().mapSg(wrapping.device, list, DmaDirection.TO_DEVICE, 0));
    assertEquals(0, wrapping.domain.mappedPages());
  }

  @Test
  void piecesSideBySideAreMappedByOneLargePage() {
    World world = World.of(Releases.LINUX_6_12).pageSizes(PAGE | 2 * World.MIB).boot();
    ScatterList list = new ScatterList(2);
    list.add(World.BUFFERS, 0, 1 << 20);
    list.add(World.BUFFERS + World.MIB, 0, 1 << 20);
    world.device.setMaxSegmentSizeBytes(1 << 22);
    assertEquals(1, world.dma.mapSg(world.device, list, DmaDirection.FROM_DEVICE, 0));
    assertEquals(2 << 20, list.dmaLengthBytes(0));
    assertEquals(0, list.dmaAddr(0) % (2 * World.MIB));
    assertEquals(IommuDomain.WRITE | IommuDomain.CACHE, world.domain.protection(list.dmaAddr(0)));
    assertEquals(1, world.domain.mapSyncs);
  }
}
