package org.iommu4j.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A CPU belongs to a system: a thread runs on one in each. */
final class ModelCpusTest {
  private final ModelCpus cpus = new ModelCpus(4);
  private final ModelCpus others = new ModelCpus(2);

  @Test
  void aThreadRunsOnTheFirstUntilItIsMoved() {
    assertEquals(4, cpus.count());
    assertEquals(0, cpus.current());
    cpus.bind(3);
    assertEquals(3, cpus.current());
    cpus.bind(0);
    assertEquals(0, cpus.current());
  }

  @Test
  void whereAThreadRunsInOneSystemSaysNothingAboutAnother() {
    cpus.bind(3);
    assertEquals(0, others.current());
    others.bind(1);
    assertEquals(3, cpus.current());
    assertEquals(1, others.current());
  }

  @Test
  void thereIsNoCpuPastTheLast() {
    assertThrows(IllegalArgumentException.class, () -> others.bind(2));
    assertThrows(IllegalArgumentException.class, () -> others.bind(-1));
    assertThrows(IllegalArgumentException.class, () -> new ModelCpus(0));
    ModelCpus one = new ModelCpus(1);
    one.bind(0);
    assertEquals(0, one.current());
    assertThrows(IllegalArgumentException.class, () -> one.bind(1));
  }

  @Test
  void everyThreadHasItsOwnPlaceEvenWhereTheTableIsTooSmall() throws InterruptedException {
    List<Integer> wrong = new ArrayList<>();
    cpus.bind(2);
    for (int i = 0; i < 200; i++) {
      int cpu = i % 4;
      Thread thread =
          new Thread(
              () -> {
                int before = cpus.current();
                cpus.bind(cpu);
                if (before != 0 || cpus.current() != cpu) {
                  wrong.add(cpu);
                }
              });
      thread.start();
      thread.join();
      assertEquals(2, cpus.current());
    }
    assertEquals(List.of(), wrong);
  }
}
