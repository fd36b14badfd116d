package org.iommu4j.iova;

/** Rules to test with. */
final class Rules {
  /** Those of the first releases. */
  static final IovaRules USUAL = new IovaRules(128, 32, GapSearch.BELOW_LAST_PLACED);

  /** The highest of all gaps, wherever the last range went. */
  static final GapSearch HIGHEST_OF_ALL =
      (gaps, lastPlaced, endPfn, sizePages, sizeAligned) ->
          gaps.highest(gaps.anchor(), endPfn, sizePages, sizeAligned);

  private Rules() {}
}
