package org.iommu4j.vtd.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.iommu4j.testkit.Rig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a unit that caches what is not present does to the whole system: {@code init_dmars}. */
final class CachingUnitTest {
  private static final String WORDS = "DMAR: Disable batched IOTLB flush due to virtualization";

  private static long lines(Rig rig) {
    return rig.system().report().log().stream().filter(WORDS::equals).count();
  }

  @ParameterizedTest
  @CsvSource({"'', 1", "' iommu.strict=0', 1", "' intel_iommu=strict', 0"})
  void unmappingIsStrictAndTheKernelSaysSoIfItWasNotBefore(String words, long expected) {
    Rig rig = Rig.boot(IntelFixture.CACHING_MODE, words);
    assertTrue(rig.isStrict());
    assertEquals(expected, lines(rig));
  }

  @ParameterizedTest
  @CsvSource({"LAZY_QUEUE, false", "STRICT_QUEUE, true"})
  void aUnitThatDoesNotCacheThemChangesNothing(IntelFixture fixture, boolean strict) {
    Rig rig = Rig.boot(fixture);
    assertEquals(strict, rig.isStrict());
    assertEquals(0, lines(rig));
  }
}
