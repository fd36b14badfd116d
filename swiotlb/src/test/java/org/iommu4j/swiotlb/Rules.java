package org.iommu4j.swiotlb;

/** Rules to test with. */
final class Rules {
  /** Those of the first releases. */
  static final SwiotlbRules USUAL =
      new SwiotlbRules(
          64L << 20,
          SwiotlbRules.Areas.ONE,
          128,
          SlotSearch.FROM_ROUNDED_INDEX,
          SwiotlbRules.Placement.IN_FIRST_SLOT,
          SwiotlbRules.Bounds.UNCHECKED,
          SwiotlbRules.Absence.LOOKED_FOR);

  /** Those of later ones. */
  static final SwiotlbRules LATER =
      USUAL.withAreas(SwiotlbRules.Areas.ONE_A_CPU).withBounds(SwiotlbRules.Bounds.FROM_OFFSET);

  /** Those of the latest. */
  static final SwiotlbRules LATEST =
      LATER
          .withSlotSearch(SlotSearch.FROM_INDEX)
          .withPlacement(SwiotlbRules.Placement.FROM_ALIGNED_SLOT)
          .withBounds(SwiotlbRules.Bounds.TO_END);

  private Rules() {}
}
