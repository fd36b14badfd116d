package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.List;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.Ecap;
import org.iommu4j.vtd.policy.PolicyRules.Trait;

/**
 * What all units have in common, and what the kernel says of the rest.
 *
 * <p>Source: {@code drivers/iommu/intel/cap_audit.c:cap_audit_static}.
 *
 * @param scalableMode whether all have scalable mode
 * @param firstStage whether all have first-stage translation
 * @param secondStage whether all have second-stage translation
 * @param log what the kernel prints
 */
@Immutable
public record AbilityAudit(
    boolean scalableMode, boolean firstStage, boolean secondStage, ImmutableList<String> log) {

  /** Compares the units that translate, each with the first. */
  public static AbilityAudit ofDma(List<RemappingUnit> units, PolicyRules rules) {
    ImmutableList<AbilityRows.Row> rows =
        AbilityRows.DMA.stream()
            .filter(
                row -> !row.field().equals(Ecap.VCS) || rules.does(Trait.AUDITS_VIRTUAL_COMMANDS))
            .collect(ImmutableList.toImmutableList());
    return of(units, rows);
  }

  /** Compares the units where interrupts are to be remapped, each with the first. */
  public static AbilityAudit ofInterrupts(List<RemappingUnit> units) {
    return of(units, AbilityRows.INTERRUPTS);
  }

  private static AbilityAudit of(List<RemappingUnit> units, List<AbilityRows.Row> rows) {
    ImmutableList.Builder<String> log = ImmutableList.builder();
    if (units.isEmpty()) {
      return new AbilityAudit(false, false, false, log.build());
    }
    Capabilities first = units.get(0).capabilities();
    long lost = 0;
    for (RemappingUnit unit : units) {
      for (AbilityRows.Row row : rows) {
        if (row.of(first) != row.of(unit.capabilities())) {
          log.add(DmarLogLines.inconsistent(row.word()));
          lost |= row.extended() ? row.field().mask() : 0;
        }
      }
    }
    long shared = first.ecap() & ~lost;
    return new AbilityAudit(
        isSet(Ecap.SMTS, shared), isSet(Ecap.FLTS, shared), isSet(Ecap.SLTS, shared), log.build());
  }

  private static boolean isSet(BitField field, long shared) {
    return field.isSet(shared);
  }

  /**
   * Returns whether the units can be used: not if all have scalable mode and no stage in common.
   */
  public boolean isSane() {
    return !scalableMode || firstStage || secondStage;
  }

  /**
   * Returns whether domains of the DMA API have first-stage tables.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:first_level_by_default}.
   *
   * @param wanted whether scalable mode is wanted
   */
  public boolean firstStageForDma(boolean wanted) {
    return wanted && scalableMode && (firstStage || !secondStage);
  }
}
