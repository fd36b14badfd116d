package org.iommu4j.iova;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.Immutable;

/**
 * What releases do differently when addresses are handed out and taken back.
 *
 * <p>Source: {@code drivers/iommu/iova.c}.
 *
 * @param magazineRanges how many freed ranges a magazine holds, at least 1: {@code IOVA_MAG_SIZE}
 * @param depot what becomes of full magazines
 * @param gapSearch where room for a new range is looked for
 */
@Immutable
public record IovaRules(int magazineRanges, DepotRules depot, GapSearch gapSearch) {
  private static final int MOST = 1 << 16;

  /** Checks the numbers. */
  public IovaRules {
    checkArgument(
        magazineRanges > 0 && magazineRanges <= MOST, "magazines of %s ranges", magazineRanges);
  }

  /** Returns these rules with magazines of another size. */
  public IovaRules withMagazineRanges(int ranges) {
    return new IovaRules(ranges, depot, gapSearch);
  }

  /** Returns these rules with another depot. */
  public IovaRules withDepot(DepotRules other) {
    return new IovaRules(magazineRanges, other, gapSearch);
  }

  /** Returns these rules with another search. */
  public IovaRules withGapSearch(GapSearch other) {
    return new IovaRules(magazineRanges, depot, other);
  }
}
