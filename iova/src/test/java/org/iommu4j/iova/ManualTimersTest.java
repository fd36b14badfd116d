package org.iommu4j.iova;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.base.Timers;
import org.junit.jupiter.api.Test;

class ManualTimersTest {
  private final ManualTimers timers = new ManualTimers();
  private final List<String> runs = new ArrayList<>();

  private Timers.Timer timer(String name) {
    return timers.newTimer(cpu -> runs.add(name + cpu + "@" + timers.nowMillis()));
  }

  @Test
  void timersExpireInTheOrderOfTheirTimes() {
    timer("late").arm(1, 30);
    timer("soon").arm(0, 10);
    timer("also").arm(2, 10);
    timers.advance(30);
    assertEquals(List.of("soon0@10", "also2@10", "late1@30"), runs);
    assertEquals(30, timers.nowMillis());
  }

  @Test
  void armingAgainMovesATimer() {
    Timers.Timer timer = timer("t");
    timer.arm(0, 10);
    timers.advance(5);
    timer.arm(3, 10);
    timers.advance(20);
    assertEquals(List.of("t3@15"), runs);
  }

  @Test
  void aCancelledTimerDoesNotExpire() {
    Timers.Timer timer = timer("t");
    timer.arm(0, 10);
    timer.cancel();
    timers.advance(20);
    assertEquals(List.of(), runs);
  }

  @Test
  void aTimerArmedWithinTheStretchRunsInIt() {
    Timers.Timer second = timer("second");
    timers.newTimer(cpu -> second.arm(cpu, 5)).arm(0, 10);
    timers.advance(14);
    assertEquals(List.of(), runs);
    timers.advance(1);
    assertEquals(List.of("second0@15"), runs);
  }

  @Test
  void timeDoesNotGoBack() {
    assertThrows(IllegalArgumentException.class, () -> timers.advance(-1));
    assertThrows(IllegalArgumentException.class, () -> timer("t").arm(0, -1));
  }
}
