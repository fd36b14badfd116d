package org.iommu4j.iova;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.ManualTimers;
import org.junit.jupiter.api.Test;

class IovaFlushQueueTest {
  private static final long LIMIT_32 = 0xfffff;

  private final IovaDomain domain = new IovaDomain(Rules.USUAL, 4096, 1, 2);
  private final ManualTimers timers = new ManualTimers();
  private final List<Long> destroyed = new ArrayList<>();
  private int flushes;
  private final IovaFlushQueue queue =
      new IovaFlushQueue(domain, timers, () -> flushes++, destroyed::add);

  private long allocAndQueue(int cpu, long data) {
    long pfn = domain.allocFast(cpu, 1, LIMIT_32, true);
    queue.queue(cpu, pfn, 1, data);
    return pfn;
  }

  @Test
  void aQueuedRangeIsNotReusedBeforeTheTimerHasFlushed() {
    long pfn = allocAndQueue(0, 7);
    assertNotEquals(pfn, domain.allocFast(0, 1, LIMIT_32, true));
    timers.advance(9);
    assertEquals(0, flushes);
    timers.advance(1);
    assertEquals(1, flushes);
    assertEquals(List.of(7L), destroyed);
    assertEquals(pfn, domain.allocFast(0, 1, LIMIT_32, true));
  }

  @Test
  void theTimerIsSetOnceAndCountsFromTheFirstRange() {
    allocAndQueue(0, 1);
    timers.advance(6);
    allocAndQueue(0, 2);
    timers.advance(4);
    assertEquals(List.of(1L, 2L), destroyed);
    timers.advance(100);
    assertEquals(1, flushes);
    allocAndQueue(0, 3);
    timers.advance(10);
    assertEquals(2, flushes);
  }

  @Test
  void theTimerFreesIntoTheCachesOfTheCpuThatSetIt() {
    long onCpu1 = domain.allocFast(1, 1, LIMIT_32, true);
    long onCpu0 = domain.allocFast(0, 1, LIMIT_32, true);
    queue.queue(1, onCpu1, 1, 0);
    queue.queue(0, onCpu0, 1, 0);
    timers.advance(10);
    assertEquals(onCpu1, domain.allocFast(1, 1, LIMIT_32, true), "the ring of CPU 1 was last");
    assertEquals(onCpu0, domain.allocFast(1, 1, LIMIT_32, true));
  }

  @Test
  void theRingHolds255AndIsFlushedForTheNext() {
    for (int i = 0; i < 255; i++) {
      allocAndQueue(0, i);
    }
    assertEquals(0, flushes);
    allocAndQueue(0, 255);
    assertEquals(1, flushes);
    assertEquals(255, destroyed.size());
    assertEquals(0, destroyed.get(0));
  }

  @Test
  void aFlushForOneCpuServesTheOtherAtItsNextUnmap() {
    allocAndQueue(1, 1000);
    for (int i = 0; i < 256; i++) {
      allocAndQueue(0, i);
    }
    assertEquals(255, destroyed.size());
    allocAndQueue(1, 1001);
    assertEquals(1000, destroyed.get(255));
    assertEquals(1, flushes);
  }

  @Test
  void closingDestroysTheDataAndFreesNothing() {
    long pfn = allocAndQueue(0, 42);
    queue.close();
    assertEquals(List.of(42L), destroyed);
    assertEquals(new IovaRange(pfn, pfn), domain.find(pfn));
    timers.advance(1000);
    assertEquals(0, flushes);
  }

  @Test
  void aRangeIsFreedWithTheSizeThatItWasQueuedWith() {
    long pfn = domain.allocFast(0, 4, LIMIT_32, true);
    queue.queue(0, pfn, 1, 0);
    timers.advance(10);
    assertEquals(pfn, domain.allocFast(0, 1, LIMIT_32, true));
  }

  @Test
  void thereIsNoRingForACpuThatIsNotThere() {
    assertThrows(IndexOutOfBoundsException.class, () -> queue.queue(2, 1, 1, 0));
  }
}
