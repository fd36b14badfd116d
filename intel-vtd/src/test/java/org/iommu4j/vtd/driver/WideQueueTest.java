package org.iommu4j.vtd.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.Register;
import org.junit.jupiter.api.Test;

/**
 * A unit that has scalable mode gets descriptors of 256 bits, in legacy mode too: {@code
 * drivers/iommu/intel/dmar.c:__dmar_enable_qi}.
 */
final class WideQueueTest {
  private static final ContextEntry CONTEXT =
      ContextEntry.of(ContextEntry.TT_UNTRANSLATED, 0x10_0000, 4, 5);

  private static ImmutableList<String> run(UnitBench bench) {
    for (int i = 0; i < 300; i++) {
      bench.domain(5).flushPages(8L * i, 5, true);
    }
    bench.unit().contexts().set(0x318, CONTEXT, 5);
    bench.unit().contexts().clear(0x318);
    return bench.takeAsked();
  }

  @Test
  void theQueueHasTwoFramesForAsManyDescriptors() {
    assertEquals(
        List.of("queue: width 1, size 1", "command QIE"),
        new UnitBench(UnitBench.WIDE_QUEUE).takeAsked().subList(0, 2));
  }

  @Test
  void theSameIsAskedInBothWidthsAndAllOfItIsDone() {
    UnitBench wide = new UnitBench(UnitBench.WIDE_QUEUE);
    UnitBench narrow = new UnitBench(UnitBench.QUEUE);
    wide.takeAsked();
    narrow.takeAsked();
    assertEquals(run(narrow), run(wide));
    assertEquals(0, wide.unit().hardware().read32(Register.FSTS));
    assertEquals(
        2 * narrow.unit().hardware().read64(Register.IQH),
        wide.unit().hardware().read64(Register.IQH));
  }
}
