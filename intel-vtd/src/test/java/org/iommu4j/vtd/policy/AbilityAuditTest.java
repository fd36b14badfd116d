package org.iommu4j.vtd.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.vtd.dmar.DmarStructure;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.hw.format.Ecap;
import org.iommu4j.vtd.release.Vtd61;
import org.iommu4j.vtd.release.Vtd612;
import org.junit.jupiter.api.Test;

final class AbilityAuditTest {
  private static final long SCALABLE = Ecap.SMTS.of(1);
  private static final long FIRST = Ecap.FLTS.of(1);
  private static final long SECOND = Ecap.SLTS.of(1);

  private static List<RemappingUnit> units(long... ecaps) {
    TestFacts facts = new TestFacts();
    List<DmarStructure> structures = new ArrayList<>();
    for (int i = 0; i < ecaps.length; i++) {
      facts.unit(TestFacts.BASE + 0x1000L * i, TestFacts.CAP, TestFacts.ECAP | ecaps[i]);
      structures.add(Drhd.includeAll(TestFacts.BASE + 0x1000L * i));
    }
    return TableParse.parse(
            facts.with(structures.toArray(new DmarStructure[0])), ParseOptions.DEFAULT)
        .units();
  }

  private static AbilityAudit audit(long... ecaps) {
    return AbilityAudit.ofDma(units(ecaps), Vtd612.RULES.policy());
  }

  @Test
  void oneUnitAgreesWithItself() {
    assertEquals(List.of(), audit(SCALABLE | SECOND).log());
    assertTrue(audit().isSane());
  }

  @Test
  void eachAbilityThatDiffersHasALineInTheKernelsOrder() {
    assertEquals(
        List.of("DMAR: IOMMU feature slts inconsistent", "DMAR: IOMMU feature smts inconsistent"),
        audit(SCALABLE | SECOND, 0).log());
  }

  @Test
  void everyUnitIsComparedWithTheFirst() {
    assertEquals(
        List.of("DMAR: IOMMU feature smts inconsistent", "DMAR: IOMMU feature smts inconsistent"),
        audit(SCALABLE | SECOND, SECOND, SECOND).log());
  }

  @Test
  void theVirtualCommandIsComparedIn61Only() {
    List<RemappingUnit> units = units(Ecap.VCS.of(1), 0);
    assertEquals(
        List.of("DMAR: IOMMU feature vcs inconsistent"),
        AbilityAudit.ofDma(units, Vtd61.RULES.policy()).log());
    assertEquals(List.of(), AbilityAudit.ofDma(units, Vtd612.RULES.policy()).log());
  }

  @Test
  void scalableModeWithoutAStageInCommonIsRefusedEvenWithOneUnit() {
    assertFalse(audit(SCALABLE).isSane());
    assertFalse(audit(SCALABLE | FIRST, SCALABLE | SECOND).isSane());
    assertTrue(audit(SCALABLE | FIRST).isSane());
  }

  @Test
  void domainsOfTheDmaApiHaveTheFirstStageWhereverAllUnitsHaveIt() {
    assertTrue(audit(SCALABLE | FIRST | SECOND).firstStageForDma(true));
    assertTrue(audit(SCALABLE | FIRST).firstStageForDma(true));
    assertFalse(audit(SCALABLE | SECOND).firstStageForDma(true));
    assertFalse(audit(SCALABLE | FIRST | SECOND).firstStageForDma(false));
    assertFalse(audit(SCALABLE | FIRST | SECOND, SCALABLE | SECOND).firstStageForDma(true));
  }
}
