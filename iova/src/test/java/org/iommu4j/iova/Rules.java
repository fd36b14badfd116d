package org.iommu4j.iova;

/** Rules to test with. */
final class Rules {
  /** Those of the first releases. */
  static final IovaRules USUAL =
      new IovaRules(128, new DepotRules(32, false, 0), GapSearch.BELOW_LAST_PLACED);

  /** Those of later ones. */
  static final IovaRules LATER =
      USUAL
          .withMagazineRanges(127)
          .withDepot(new DepotRules(32, true, 0))
          .withGapSearch(GapSearch.BELOW_LAST_PLACED_THEN_ABOVE);

  /** Those of the latest. */
  static final IovaRules LATEST = LATER.withDepot(new DepotRules(DepotRules.NO_LIMIT, true, 100));

  /** The highest of all gaps, wherever the last range went. */
  static final GapSearch HIGHEST_OF_ALL =
      (gaps, lastPlaced, endPfn, sizePages, sizeAligned) ->
          gaps.highest(gaps.anchor(), endPfn, sizePages, sizeAligned);

  private Rules() {}
}
