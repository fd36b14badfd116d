package org.iommu4j.swiotlb;

/** Rules to test with. */
final class Rules {
  /** Those of the first releases. */
  static final SwiotlbRules USUAL =
      new SwiotlbRules(64L << 20, 1, 128, SlotSearch.FROM_ROUNDED_INDEX);

  private Rules() {}
}
