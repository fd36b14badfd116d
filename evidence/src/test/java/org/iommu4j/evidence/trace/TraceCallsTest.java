package org.iommu4j.evidence.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.machine.KernelConfig;
import org.junit.jupiter.api.Test;

final class TraceCallsTest {
  private final StringBuilder text = new StringBuilder();
  private int micros = 1_000_000;

  private void event(int cpu, String event) {
    text.append(
        String.format(
            "              dd-98      [%03d] ....     %d.%06d: %s%n",
            cpu, micros / 1_000_000, micros % 1_000_000, event));
    micros++;
  }

  private void map(int cpu, long address) {
    event(
        cpu, String.format("map_single: dev=d dev_addr=0x%x phys_addr=0x1000 size=4096", address));
  }

  private void piece(int cpu, int index, int total) {
    event(
        cpu,
        String.format(
            "map_sg: dev=d [%d/%d] dev_addr=0x%x phys_addr=0x1000 size=4096",
            index, total, 0x10000 * (cpu + 1) + 0x1000 * index));
  }

  private void unmap(int cpu, String name, long address) {
    event(cpu, String.format("%s: dev=d dev_addr=0x%x size=4096", name, address));
  }

  private TraceCalls calls() {
    return new TraceCalls(Trace.parse("trace", text.toString()).events());
  }

  private List<TraceCall.Type> types() {
    return calls().calls().stream().map(TraceCall::type).toList();
  }

  @Test
  void thePiecesOfAListAreOneCallThoughAnotherCpuComesBetween() {
    piece(0, 1, 3);
    piece(1, 1, 3);
    piece(0, 2, 3);
    map(0, 0x5000);
    piece(1, 2, 3);
    piece(1, 3, 3);
    piece(0, 3, 3);
    ImmutableList<TraceCall> calls = calls().calls();
    assertEquals(
        List.of(TraceCall.Type.MAP_LIST, TraceCall.Type.MAP_LIST, TraceCall.Type.MAP), types());
    assertEquals(3, calls.get(0).events().size());
    assertEquals(0, calls.get(0).events().get(2).cpu());
  }

  @Test
  void aListWithoutAllItsPiecesIsNoCall() {
    piece(0, 2, 3);
    piece(0, 3, 3);
    piece(1, 1, 2);
    assertEquals(
        List.of(TraceCall.Type.INCOMPLETE, TraceCall.Type.INCOMPLETE, TraceCall.Type.INCOMPLETE),
        types());
  }

  @Test
  void anUnmappingIsLookedForSomeEventsLater() {
    map(0, 0x5000);
    map(0, 0x5000);
    for (int i = 0; i < 14; i++) {
      map(0, 0x10000 + 0x1000L * i);
    }
    unmap(1, "unmap_single", 0x5000);
    TraceCalls calls = calls();
    assertEquals(1, calls.movedUnmaps());
    assertEquals(0, calls.impliedUnmaps());
    assertEquals(
        List.of(TraceCall.Type.MAP, TraceCall.Type.UNMAP, TraceCall.Type.MAP),
        types().subList(0, 3));
  }

  @Test
  void anotherSizeIsNoEcho() {
    map(0, 0x5000);
    unmap(0, "unmap_single", 0x5000);
    event(0, "unmap_sg: dev=d dev_addr=0x5000 size=8192");
    assertEquals(List.of(TraceCall.Type.MAP, TraceCall.Type.UNMAP, TraceCall.Type.UNMAP), types());
  }

  @Test
  void theSecondEventOfAnUnmappingIsAnEcho() {
    map(0, 0x1000);
    unmap(0, "unmap_single", 0x1000);
    map(1, 0x1000);
    unmap(0, "unmap_sg", 0x1000);
    unmap(1, "unmap_sg", 0x1000);
    assertEquals(
        List.of(
            TraceCall.Type.MAP,
            TraceCall.Type.UNMAP,
            TraceCall.Type.MAP,
            TraceCall.Type.ECHO,
            TraceCall.Type.UNMAP),
        types());
  }

  @Test
  void anUnmappingThatWasWrittenTooLateComesBeforeTheMappingThatNeedsIt() {
    map(0, 0x1000);
    map(1, 0x1000);
    unmap(0, "unmap_single", 0x1000);
    TraceCalls calls = calls();
    assertEquals(List.of(TraceCall.Type.MAP, TraceCall.Type.UNMAP, TraceCall.Type.MAP), types());
    assertEquals(1, calls.movedUnmaps());
    assertEquals(0, calls.impliedUnmaps());
  }

  @Test
  void anUnmappingThatIsMissingIsImplied() {
    map(0, 0x1000);
    map(0, 0x1000);
    assertEquals(1, calls().impliedUnmaps());
  }

  @Test
  void aMovedCallComesEarlierAndAllOthersKeepTheirOrder() {
    Schedule schedule = Schedule.NOTHING.withMove(4, 2).withMove(3, 1);
    assertArrayEquals(new int[] {0, 2, 1, 4, 3, 5}, schedule.order(6));
  }

  @Test
  void aFlushTimerExpiresWithinTheTicksAfterItsDelay() {
    FlushWindow window = FlushWindow.of(KernelConfig.parse("CONFIG_HZ_250=y\n"));
    long milli = 1_000_000;
    assertEquals(false, window.isPossible(0, 11 * milli));
    assertEquals(true, window.isPossible(0, 12 * milli));
    assertEquals(true, window.isUsual(0, 14 * milli));
    assertEquals(false, window.isUsual(0, 13 * milli));
    assertEquals(false, window.isOver(0, 20 * milli));
    assertEquals(true, window.isOver(0, 100 * milli));
    assertEquals(false, window.isUsual(0, TraceEvent.NO_TIME));
    FlushWindow fast = FlushWindow.of(KernelConfig.parse("CONFIG_HZ_1000=y\n"));
    assertEquals(true, fast.isPossible(0, 10 * milli));
  }

  @Test
  void aTaskIsInterruptedByASoftInterruptAndThatByAHardOne() {
    ImmutableList<TraceEvent> events =
        Trace.parse(
                "trace",
                """
                            dd-98      [000] ....     1.000000: map_single: dev=d dev_addr=0x1000 phys_addr=0x1000 size=4096
                            dd-98      [000] ..s.     1.000001: map_single: dev=d dev_addr=0x2000 phys_addr=0x1000 size=4096
                            dd-98      [000] d.H.     1.000002: map_single: dev=d dev_addr=0x3000 phys_addr=0x1000 size=4096
                            dd-99      [001] ....     1.000003: map_single: dev=d dev_addr=0x4000 phys_addr=0x1000 size=4096
                """)
            .events();
    StringBuilder may = new StringBuilder();
    for (TraceEvent one : events) {
      for (TraceEvent other : events) {
        may.append(one.mayPrecede(other) ? '1' : '0');
      }
      may.append(' ');
    }
    assertEquals("0111 0011 0001 1110 ", may.toString());
  }
}
