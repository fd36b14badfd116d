package org.iommu4j.vtd.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.junit.jupiter.api.Test;

/**
 * When write buffers are flushed: the callers of {@code
 * drivers/iommu/intel/iommu.c:iommu_flush_write_buffer}.
 */
final class WriteBufferFlushTest {
  private static final Capabilities BUFFERED = UnitBench.REGISTERS.withCap(Cap.RWBF, 1);
  private static final ContextEntry CONTEXT =
      ContextEntry.of(ContextEntry.TT_UNTRANSLATED, 0x10_0000, 4, 5);

  @Test
  void aUnitThatNeedsItIsFlushedBeforeItsRootTableIsSetAndAfterIt() {
    assertEquals(
        List.of(
            "command WBF",
            "command SRTP",
            "contexts all, domain 0, source 0",
            "iotlb all, domain 0",
            "command WBF"),
        new UnitBench(BUFFERED).takeAsked());
  }

  @Test
  void theQueueStaysOnWhileTheBufferIsFlushed() {
    List<String> asked = new UnitBench(UnitBench.QUEUE.withCap(Cap.RWBF, 1)).takeAsked();
    assertEquals(
        List.of("command QIE", "command WBF QIE", "command SRTP QIE"), asked.subList(0, 3));
  }

  @Test
  void translationStaysOnWhileTheBufferIsFlushed() {
    UnitBench bench = new UnitBench(BUFFERED);
    bench.unit().enableTranslation();
    bench.takeAsked();
    bench.domain(5).notifyMapped(7, 1);
    assertEquals(List.of("command TE WBF"), bench.takeAsked());
    assertTrue(bench.unit().hardware().isTranslating());
  }

  @Test
  void newPagesAndNewContextsAreFlushedToMemoryAndNothingIsInvalidated() {
    UnitBench bench = new UnitBench(BUFFERED);
    bench.takeAsked();
    bench.domain(5).notifyMapped(7, 1000);
    assertEquals(List.of("command WBF"), bench.takeAsked());
    bench.unit().contexts().set(0x18, CONTEXT, 5);
    assertEquals(List.of("command WBF"), bench.takeAsked());
  }

  @Test
  void aContextThatIsThereAlreadyIsNotFlushed() {
    UnitBench bench = new UnitBench(BUFFERED);
    bench.unit().contexts().set(0x18, CONTEXT, 5);
    bench.takeAsked();
    bench.unit().contexts().set(0x18, CONTEXT, 5);
    assertEquals(List.of(), bench.takeAsked());
  }

  @Test
  void whatIsTakenAwayIsInvalidatedWithoutAFlush() {
    UnitBench bench = new UnitBench(BUFFERED);
    bench.unit().contexts().set(0x18, CONTEXT, 5);
    bench.takeAsked();
    bench.domain(5).flushPages(7, 1, false);
    bench.unit().contexts().clear(0x18);
    assertEquals(
        List.of(
            "iotlb selected, domain 5, from 7000 mask 0",
            "contexts selected, domain 5, source 18",
            "iotlb domain, domain 5"),
        bench.takeAsked());
  }

  @Test
  void aUnitThatDoesNotNeedItIsNeverFlushed() {
    UnitBench bench = new UnitBench(UnitBench.REGISTERS);
    assertEquals(
        List.of("command SRTP", "contexts all, domain 0, source 0", "iotlb all, domain 0"),
        bench.takeAsked());
    bench.domain(5).notifyMapped(7, 1);
    bench.unit().contexts().set(0x18, CONTEXT, 5);
    assertEquals(List.of(), bench.takeAsked());
  }

  @Test
  void aChipsetThatNeedsItHasAllUnitsFlushed() {
    UnitBench bench = new UnitBench(UnitBench.REGISTERS, true);
    assertEquals("command WBF", bench.takeAsked().get(0));
    bench.domain(5).notifyMapped(7, 1);
    assertEquals(List.of("command WBF"), bench.takeAsked());
  }
}
