package org.iommu4j.swiotlb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

final class SlotTableTest {
  private static final long START = 0x7be9_f000L;
  private static final long LOW_4G = 0xffff_ffffL;

  private static SlotTable table(long startPhys, int slots) {
    return table(Rules.USUAL, startPhys, slots);
  }

  private static SlotTable table(SwiotlbRules rules, long startPhys, int slots) {
    SlotOrigins origins = new SlotOrigins(slots, false);
    return new SlotTable(rules, startPhys, 0, slots, slots, origins);
  }

  private record Request(
      boolean release, int pick, long phys, int bytes, int alloc, int align, long edge) {}

  private record Run(int index, int slots) {}

  @Provide
  Arbitrary<List<Request>> requests() {
    Arbitrary<Integer> bytes =
        Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.integers().between(1, 9000)),
            Tuple.of(2, Arbitraries.integers().between(9000, 128 * 2048)),
            Tuple.of(1, Arbitraries.of(2048, 4096, 128 * 2048, 128 * 2048 + 1)));
    return Combinators.combine(
            Arbitraries.of(true, false, false),
            Arbitraries.integers().between(0, 1000),
            Arbitraries.longs().between(0, 1L << 40),
            bytes,
            Arbitraries.of(0, 0, 0xfff),
            Arbitraries.of(0, 0, 0x1ff, 0xfff, 0x1fff),
            Arbitraries.of(LOW_4G, LOW_4G, -1L, 0xffffL, 0x1_ffffL))
        .as(Request::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(120);
  }

  @Property(tries = 300)
  void everyRunIsWhereANaiveSearchFindsIt(
      @ForAll("requests") List<Request> requests, @ForAll boolean latest) {
    SlotTable table = table(latest ? Rules.LATEST : Rules.USUAL, START, 512);
    NaiveSlots naive = new NaiveSlots(START, 512, latest);
    List<Run> runs = new ArrayList<>();
    for (Request request : requests) {
      if (request.release && !runs.isEmpty()) {
        Run run = runs.remove(request.pick % runs.size());
        table.release(run.index, run.slots);
        naive.release(run.index, run.slots);
      } else {
        int bytes = request.bytes;
        int index = table.allocate(request.phys, bytes, request.alloc, request.align, request.edge);
        int expected =
            naive.allocate(request.phys, bytes, request.alloc, request.align, request.edge);
        assertEquals(expected, index, request::toString);
        if (index >= 0) {
          runs.add(new Run(index, SlotTable.slotsOf(bytes)));
        }
      }
      table.checkInvariants();
      assertEquals(naive.usedCount(), table.usedSlots());
    }
  }

  @Test
  void theSearchGoesOnAfterTheLastRun() {
    SlotTable table = table(START, 128);
    assertEquals(0, table.allocate(0, 2048, 0, 0, LOW_4G));
    table.release(0, 1);
    assertEquals(1, table.allocate(0, 1, 0, 0, LOW_4G));
    assertEquals(2, table.allocate(0, 4096, 0, 0, LOW_4G), "a page's worth begins with a page");
    assertEquals(4, table.allocate(0, 10, 0, 0, LOW_4G));
    assertEquals(6, table.allocate(0, 4097, 0, 0, LOW_4G));
  }

  @Test
  void noRunLeavesItsSegment() {
    SlotTable table = table(START, 256);
    assertEquals(0, table.allocate(0, 100 * 2048, 0, 0, LOW_4G));
    assertEquals(128, table.allocate(0, 100 * 2048, 0, 0, LOW_4G));
    assertEquals(SlotTable.NONE, table.allocate(0, 29 * 2048, 0, 0, LOW_4G));
    assertEquals(228, table.allocate(0, 28 * 2048, 0, 0, LOW_4G));
    assertEquals(100, table.allocate(0, 28 * 2048, 0, 0, LOW_4G));
    assertEquals(256, table.usedSlots());
  }

  @Test
  void whatIsAlignedBeyondItsBoundaryAgreesWithinTheBoundaryOnly() {
    SlotTable table = table(START, 128);
    assertEquals(0, table.allocate(0, 2048, 0, 0x1fff, 0xfff), "although bit 12 of START is set");
    assertEquals(4, table.allocate(0, 2048, 0, 0x1fff, 0xffff) - 2);
  }

  @Test
  void strideThatIsNoPowerOfTwoIsRoundedByItsBits() {
    SlotTable table = table(0, 128);
    assertEquals(0, table.allocate(0, 2048, 0, 0, LOW_4G));
    assertEquals(1, table.allocate(0, 2048, 0, 0, LOW_4G));
    assertEquals(4, table.allocate(0, 2048, 0xfff, 0x1fff, LOW_4G), "3 slots, and not a 3rd one");
    assertEquals(5, table.allocate(0x1000, 2048, 0, 0x1000, LOW_4G) - 1);
  }

  @Test
  void aSearchThatTheKernelNeverEndsFindsNothing() {
    SlotTable table = table(0, 128);
    for (int i = 0; i < 64; i++) {
      assertEquals(2 * i, table.allocate(0, 2048, 0, 0xfff, LOW_4G));
    }
    for (int i = 0; i < 62; i++) {
      assertEquals(2 * i + 1, table.allocate(0x800, 2048, 0, 0xfff, LOW_4G));
    }
    table.release(0, 1);
    assertEquals(125, table.allocate(0x800, 2048, 0, 0xfff, LOW_4G));
    assertEquals(127, table.allocate(0x800, 2048, 0, 0xfff, LOW_4G));
    assertEquals(0, table.allocate(0, 1, 0, 0, LOW_4G));
    table.release(4, 1);
    assertEquals(SlotTable.NONE, table.allocate(0x800, 2048, 0, 0xfff, LOW_4G));
  }

  @Test
  void onlyRunsInUseComeBack() {
    SlotTable table = table(START, 128);
    assertEquals(0, table.allocate(0, 4096, 0, 0, LOW_4G));
    assertThrows(IllegalArgumentException.class, () -> table.release(0, 3));
    table.release(0, 2);
    assertThrows(IllegalArgumentException.class, () -> table.release(0, 2));
    assertEquals(2, table.allocate(0, 62 * 2048, 0, 0, LOW_4G));
    assertThrows(IllegalArgumentException.class, () -> table.release(2, 63), "in the next word");
    assertThrows(IllegalArgumentException.class, () -> table.release(2, 0));
    assertThrows(IllegalArgumentException.class, () -> table.release(2, 127));
    assertEquals(62, table.usedSlots());
    table.checkInvariants();
    SlotTable one = table(START, 1);
    assertEquals(0, one.allocate(0, 1, 0, 0, LOW_4G));
    assertThrows(IllegalArgumentException.class, () -> one.release(0, 2), "beyond the pool");
  }
}
