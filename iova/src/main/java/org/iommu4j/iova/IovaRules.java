package org.iommu4j.iova;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.Immutable;

/**
 * What releases do differently when addresses are handed out and taken back.
 *
 * <p>Source: {@code drivers/iommu/iova.c}.
 *
 * @param magazineRanges how many freed ranges a magazine holds, at least 1: {@code IOVA_MAG_SIZE}
 * @param depotMagazines how many full magazines of a size all CPUs share, 0 to 65536: {@code
 *     MAX_GLOBAL_MAGS}
 * @param gapSearch where room for a new range is looked for
 */
@Immutable
public record IovaRules(int magazineRanges, int depotMagazines, GapSearch gapSearch) {
  private static final int MOST = 1 << 16;

  /** Checks the numbers. */
  public IovaRules {
    checkArgument(
        magazineRanges > 0 && magazineRanges <= MOST, "magazines of %s ranges", magazineRanges);
    checkArgument(
        depotMagazines >= 0 && depotMagazines <= MOST, "a depot of %s magazines", depotMagazines);
  }
}
