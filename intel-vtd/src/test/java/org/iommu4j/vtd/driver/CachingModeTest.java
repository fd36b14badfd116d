package org.iommu4j.vtd.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Units that cache what is not present (CAP.CM): {@code
 * drivers/iommu/intel/iommu.c:__mapping_notify_one}, {@code domain_context_mapping_one}.
 */
final class CachingModeTest {
  private static final ContextEntry CONTEXT =
      ContextEntry.of(ContextEntry.TT_UNTRANSLATED, 0x10_0000, 4, 5);

  /** With a queue and with registers; the write buffer would need a flush as well. */
  private static Stream<Capabilities> caching() {
    return Stream.of(UnitBench.QUEUE, UnitBench.REGISTERS)
        .map(capabilities -> capabilities.withCap(Cap.CM, 1).withCap(Cap.RWBF, 1));
  }

  @ParameterizedTest
  @MethodSource("caching")
  void newPagesAreInvalidatedInTheirDomainInsteadOfFlushed(Capabilities capabilities) {
    UnitBench bench = new UnitBench(capabilities);
    bench.takeAsked();
    bench.domain(5).notifyMapped(8, 5);
    assertEquals(List.of("iotlb selected, domain 5, from 8000 mask 3"), bench.takeAsked());
  }

  @ParameterizedTest
  @MethodSource("caching")
  void noKernelSurvivesAMappingOfNoBytesUnderAUnitThatCachesWhatIsNotPresent(
      Capabilities capabilities) {
    DomainUnit domain = new UnitBench(capabilities).domain(5);
    assertThrows(IllegalArgumentException.class, () -> domain.notifyMapped(8, 0));
  }

  @Test
  void withoutCachingModeItDiesOnlyWhenNoBytesAreUnmapped() {
    DomainUnit domain = new UnitBench(UnitBench.QUEUE).domain(5);
    domain.notifyMapped(8, 0);
    assertThrows(IllegalArgumentException.class, () -> domain.flushPages(8, 0, true));
  }

  @ParameterizedTest
  @MethodSource("caching")
  void newPagesThatNoMaskHoldsInvalidateTheirDomain(Capabilities capabilities) {
    UnitBench bench = new UnitBench(capabilities.withCap(Cap.MAMV, 2));
    bench.takeAsked();
    bench.domain(5).notifyMapped(8, 5);
    assertEquals(List.of("iotlb domain, domain 5"), bench.takeAsked());
  }

  @ParameterizedTest
  @MethodSource("caching")
  void aNewContextIsInvalidatedInDomainZeroAndItsOwnDomainsPagesAfterIt(Capabilities capabilities) {
    UnitBench bench = new UnitBench(capabilities);
    bench.takeAsked();
    bench.unit().contexts().set(0x318, CONTEXT, 5);
    assertEquals(
        List.of("contexts selected, domain 0, source 318", "iotlb domain, domain 5"),
        bench.takeAsked());
  }

  @Test
  void withoutCachingModeNothingNewIsInvalidated() {
    UnitBench bench = new UnitBench(UnitBench.QUEUE);
    bench.takeAsked();
    bench.domain(5).notifyMapped(8, 5);
    bench.unit().contexts().set(0x318, CONTEXT, 5);
    assertEquals(List.of(), bench.takeAsked());
  }
}
