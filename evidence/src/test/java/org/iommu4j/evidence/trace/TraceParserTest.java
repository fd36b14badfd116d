package org.iommu4j.evidence.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSortedMap;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.iommu4j.machine.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceParserTest {
  private static final String MAP =
      "map_single: dev=0000:00:06.0 dev_addr=0xffffd200 phys_addr=0x25d86200 size=4096";

  private static TraceEvent only(String text) {
    Trace trace = Trace.parse("trace", text);
    assertEquals(1, trace.events().size(), text);
    return trace.events().get(0);
  }

  @Test
  void theCountOfCpusStandsAtTheTop() {
    String line = "              dd-98      [000] ....     1.000000: " + MAP;
    assertEquals(4, Trace.parse("trace", "cpus=4\n" + line).cpus());
    String late = "# tracer: nop\n#\ncpus=4\n" + line;
    assertThrows(BadInputException.class, () -> Trace.parse("trace", late));
  }

  @Test
  void aLineOfTheKernelHasItsParts() {
    TraceEvent event = only("    kworker/u2:0-7       [003] d.h.     2.262288: " + MAP + "\n");
    assertEquals(EventKind.MAP, event.kind());
    assertEquals(3, event.cpu());
    assertEquals(TraceContext.HARD_INTERRUPT, event.context());
    assertFalse(event.idle());
    assertEquals(2_262_288_000L, event.nanos());
    assertEquals("0000:00:06.0", event.device());
    assertEquals(0xffff_d200L, event.address());
    assertEquals(0x25d8_6200L, event.phys());
    assertEquals(4096, event.sizeBytes());
    assertEquals(MAP, event.text());
  }

  @ParameterizedTest
  @CsvSource({
    "...., TASK",
    "d..1, TASK",
    "..s., SOFT_INTERRUPT",
    "d.h., HARD_INTERRUPT",
    "d.H., HARD_INTERRUPT",
    "d.z., NON_MASKABLE_INTERRUPT",
    "d.Z., NON_MASKABLE_INTERRUPT"
  })
  void theThirdLetterTellsWhatTheCpuWasAt(String flags, TraceContext context) {
    String line = "          <idle>-0       [000] " + flags + "     2.262288: " + MAP + "\n";
    assertEquals(context, only(line).context());
  }

  private static final String TIMERS =
      """
                dd-129     [000] d.h.     1.000000: timer_start: timer=ffff000000000a50 function=fq_flush_timeout expires=4294894404 [timeout=3] cpu=2 idx=5 flags=
                dd-129     [000] d.h.     1.000001: unmap_single: dev=d dev_addr=0x1000 size=4096
                dd-129     [000] d.h.     1.000002: timer_start: timer=ffff000000000b50 function=fq_flush_timeout expires=4294894404 [timeout=3] cpu=2 idx=5 flags=
                dd-129     [000] d.h.     1.000003: unmap_single: dev=e dev_addr=0x1000 size=4096
                dd-129     [000] d.h.     1.000004: timer_start: timer=ffff000000000c50 function=process_timeout expires=4294894404 [timeout=3] cpu=2 idx=5 flags=
                dd-130     [001] d.h.     1.000005: unmap_single: dev=e dev_addr=0x1000 size=4096
            <idle>-0       [002] ..s.     1.020000: timer_expire_entry: timer=ffff000000000b50 function=fq_flush_timeout now=4294894407 baseclk=4294894405
            <idle>-0       [003] ..s.     1.020001: timer_expire_entry: timer=ffff000000000a50 function=fq_flush_timeout now=4294894407 baseclk=4294894405
                dd-129     [000] d.h.     1.030000: unmap_single: dev=d dev_addr=0x1000 size=4096
                dd-129     [000] d.h.     1.040000: timer_start: timer=ffff000000000a50 function=fq_flush_timeout expires=4294894404 [timeout=3] cpu=2 idx=5 flags=
                dd-129     [000] d.h.     1.040001: unmap_single: dev=d dev_addr=0x1000 size=4096
      """;

  @Test
  void aFlushTimerExpiresWhereTheTraceTellsIt() {
    Trace trace = Trace.parse("trace", TIMERS);
    assertTrue(trace.tellsFlushTimers());
    assertEquals(ImmutableSortedMap.of("timer_start", 1), trace.others());
    List<String> expiries = new ArrayList<>();
    for (TraceEvent event : trace.events()) {
      TimerEvent expiry = trace.timers().expiryOf(event);
      expiries.add(expiry == null ? "not told" : expiry.line() + " on " + expiry.cpu());
    }
    assertEquals(List.of("8 on 3", "7 on 2", "not told", "not told", "not told"), expiries);
  }

  @Test
  void everyEventOfTheTwoSystemsIsKnown() {
    String text =
        """
               swapper/0-1       [000] ....     1.592123: add_device_to_group: IOMMU: groupID=7 device=0000:00:00.0
               swapper/0-1       [000] ....     1.592124: remove_device_from_group: IOMMU: groupID=7 device=0000:00:00.0
               swapper/0-1       [000] ....     1.595239: attach_device_to_domain: IOMMU: device=0000:00:00.0
               swapper/0-1       [000] ....     1.595240: detach_device_from_domain: IOMMU: device=0000:00:00.0
               swapper/0-1       [000] ....     1.596135: map: IOMMU: iova=0x0000000000001000 paddr=0x0000000000002000 size=4096
               swapper/0-1       [000] ....     1.596136: unmap: IOMMU: iova=0x0000000000001000 size=4096 unmapped_size=4096
               swapper/0-1       [000] ....     1.596137: io_page_fault: IOMMU:e1000e 0000:00:03.0 iova=0x0000000000001000 flags=0x0001
                    dd-98      [000] ....    11.417894: map_sg: dev=0000:00:06.0 [2/10] dev_addr=0xfffa0000 phys_addr=0x255e4000 size=4096
                    dd-98      [000] ..s.    11.418695: unmap_sg: dev=0000:00:06.0 dev_addr=0xfffa0000 size=131072
                    dd-98      [000] ..s.    11.418696: unmap_single: dev=0000:00:06.0 dev_addr=0xfffa0000 size=131072
                    dd-98      [000] ....    11.418697: bounce_map_single: dev=0000:02:00.0 dev_addr=0xfffff000 phys_addr=0x25 size=1
                    dd-98      [000] ....    11.418698: bounce_map_sg: dev=0000:02:00.0 [1/1] dev_addr=0xfffff000 phys_addr=0x25 size=1
                    dd-98      [000] ....    11.418699: bounce_unmap_single: dev=0000:02:00.0 dev_addr=0xfffff000 size=1
        """;
    Trace trace = Trace.parse("trace", text);
    assertEquals(13, trace.events().size());
    assertEquals(ImmutableSortedMap.of(), trace.others());
    assertEquals(7, trace.events().get(0).index());
    assertEquals(2, trace.events().get(7).index());
    assertEquals(10, trace.events().get(7).total());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "we]ird [0: -1 m-98      [000] ....    11.421680: ",
        "  a-b-c-9 [001]-12    [000] ....    11.421680: ",
        "   \u00fc\u00ff\u0001\t:map:-12    [000] ....    11.421680: ",
        "           <...>-12      (   12) [000] ....    11.421680: ",
        "          <idle>-0       [000]    11.421680: ",
        "     kworker/u2:0-7     [000]     2.262288: ",
        "kworker/u2:0     7 [000]     2.262288: intel_iommu:",
        "    foo bar   7/8 [000]     2.262288123: intel_iommu:",
      })
  void whateverATaskIsCalledItsEventIsRead(String head) {
    assertEquals(MAP, only(head + MAP).text());
  }

  @Test
  void aTaskWhoseNameHoldsALineFeedIsRead() {
    Trace trace = Trace.parse("trace", "     evil\nname12-98      [000] ....    1.000001: " + MAP);
    assertEquals(1, trace.events().size());
  }

  @Test
  void lostOverwrittenAndAbsentEventsAreCounted() {
    String text =
        """
        # tracer: nop
        #
        # entries-in-buffer/entries-written: 3/10   #P:4
        ##### CPU 2 buffer started ####
        CPU:2 [LOST 5 EVENTS]
        CPU:1 [LOST EVENTS]
        """;
    Trace trace =
        Trace.parse("trace", text + "          <idle>-0       [000] ....    1.000001: " + MAP);
    assertEquals(6, trace.lostEvents());
    assertEquals(7, trace.overwrittenEvents());
    assertEquals(2, trace.absentEvents());
    assertEquals(4, trace.cpus());
    assertTrue(trace.events().get(0).idle());
  }

  @Test
  void otherEventsAndTracersAreCountedByName() {
    String text =
        """
                     foo-12    [000] ....     1.000001: sched_switch: prev_comm=x ==> next_comm=y
                     foo-12    [000] ....     1.000002: sched_switch: prev_comm=map_single: next_comm=y
                     foo-12    [000] ....     1.000003: kfree <-intel_unmap
                     foo-12    [000] ....     1.000004: map: of another system
                     foo-12    [000] ....     1.000005: <stack trace>
         => intel_unmap
         => dma_unmap_page_attrs
        """;
    Trace trace = Trace.parse("trace", text);
    assertEquals(ImmutableSortedMap.of("", 2, "map", 1, "sched_switch", 2), trace.others());
    assertEquals(0, trace.eventCount());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "this is no trace",
        "\u0000\u0001\u0002ELF",
        "              dd-98      [000] ....    11.417894: map_single: dev=0000:00:06.0 dev_a",
        "              dd-98      [000] ....    11.417",
        "              dd-98      [9999] ....    11.417894: sched_switch: x",
        "              dd-98      [000] ....    1.1: map_single: dev=a dev_addr=0x1 phys_addr=0x1 size=1",
        "              dd-98      [000] ....    1.1: map_single: dev=a dev_addr=0x1 phys_addr=0xfffffffffffff000 size=4096",
        "              dd-98      [000] ....    1.1: map_single: dev=a dev_addr=0x1 phys_addr=0x1 size=8589934592",
        "              dd-98      [000] ....    1.1: map_sg: dev=a [3/2] dev_addr=0x1 phys_addr=0x1 size=4096",
        "              dd-98      [000] ....    1.1: map_sg: dev=a [0/2] dev_addr=0x1 phys_addr=0x1 size=4096",
        "              dd-98      [000] ....    1.1: unmap_single: dev=a dev_addr=0x1 size=0",
        "              dd-98      [000] ....    1.1: unmap_single: dev=a dev_addr=0x10000000000000000 size=1",
      })
  void whatIsNoTraceIsRefusedWithItsLine(String text) {
    BadInputException refused =
        assertThrows(BadInputException.class, () -> Trace.parse("trace", text));
    assertTrue(refused.getMessage().startsWith("trace, line 1: "), refused::getMessage);
  }

  @Property(tries = 300)
  void whateverComesIsReadOrRefused(@ForAll @StringLength(max = 200) String text) {
    try {
      assertTrue(Trace.parse("trace", text).eventCount() >= 0);
    } catch (BadInputException refused) {
      assertEquals("trace", refused.file());
    }
  }

  @Property(tries = 300)
  void whereverALineIsDamagedItIsReadOrRefused(@ForAll int place, @ForAll char other) {
    StringBuilder line =
        new StringBuilder("    kworker/u2:0-7       [003] d.h.     2.262288: " + MAP);
    line.setCharAt(Math.floorMod(place, line.length()), other);
    try {
      assertTrue(Trace.parse("trace", line.toString()).eventCount() <= 1);
    } catch (BadInputException refused) {
      assertEquals("line 1", refused.place());
    }
  }
}
