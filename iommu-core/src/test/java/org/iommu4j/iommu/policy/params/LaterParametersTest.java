package org.iommu4j.iommu.policy.params;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.release.Linux612;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the generic parameters do in later releases and not in 5.10. */
final class LaterParametersTest {
  private static KernelParameters parse(String line) {
    return KernelParameters.parse(
        CommandLine.parse(line),
        KernelConfig.debian(),
        Linux612.RULES.parameters(),
        Linux612.RULES.swiotlb());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "swiotlb=16384,3|16384|4",
        "swiotlb=128,4,force|512|4",
        "swiotlb=,8|32768|8",
        "swiotlb=0,1|128|1",
        "swiotlb=40000,0|65536|1",
        "swiotlb=16384|16384|-1",
      })
  void aSecondNumberIsACountOfAreas(String line, long slots, int areas) {
    assertEquals(slots, parse(line).swiotlbSlots());
    assertEquals(areas, parse(line).swiotlbAreas());
  }

  @Test
  void areasAreToldWhereTheyAreRead() {
    assertEquals(
        List.of(
            "software IO TLB: area num 4.",
            "software IO TLB: SWIOTLB bounce buffer size roundup to 1MB"),
        parse("swiotlb=128,3").logLines());
    assertEquals(List.of(), parse("swiotlb=128").logLines());
  }

  @Test
  void noforceWinsOverForceWhateverTheOrder() {
    assertEquals(SwiotlbForce.FORCE, parse("swiotlb=force").swiotlbForce());
    assertEquals(SwiotlbForce.NO_FORCE, parse("swiotlb=force swiotlb=noforce").swiotlbForce());
    assertEquals(SwiotlbForce.NO_FORCE, parse("swiotlb=noforce swiotlb=force").swiotlbForce());
  }

  @Test
  void strictIsHonoured() {
    assertEquals(Optional.empty(), parse("").commandLineStrict());
    assertEquals(Optional.of(false), parse("iommu.strict=0").commandLineStrict());
    assertEquals(Verdict.HONOURED, parse("iommu.strict=1").verdicts().get(0).verdict());
  }

  @Test
  void forcedacIsAParameterOfItsOwn() {
    assertTrue(parse("iommu.forcedac=1").dacForced());
    assertFalse(parse("iommu.forcedac=1 iommu.forcedac=0").dacForced());
    assertTrue(KernelParameters.names(Linux612.RULES.parameters()).contains("iommu.forcedac"));
    assertFalse(KernelParameters.names(Linux510.RULES.parameters()).contains("iommu.forcedac"));
  }

  @Test
  void truthMayBeginWithALetterT() {
    assertEquals(Optional.of(true), parse("iommu.strict=true").commandLineStrict());
    assertEquals(Optional.of(false), parse("iommu.strict=false").commandLineStrict());
  }
}
