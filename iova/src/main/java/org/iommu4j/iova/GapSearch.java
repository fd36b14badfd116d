package org.iommu4j.iova;

import com.google.errorprone.annotations.Immutable;

/**
 * Which of the gaps between a domain's ranges are looked at when a range is to be placed.
 *
 * <p>Implementations are stateless and allocate nothing; they are called with the domain's lock
 * held.
 *
 * <p>Source: {@code drivers/iommu/iova.c:__alloc_and_insert_iova_range}.
 */
@Immutable
public interface GapSearch {
  /**
   * The gaps below the range that was placed last, once; what lies above is seen again only when a
   * range there is freed.
   */
  GapSearch BELOW_LAST_PLACED = GapFinder::highest;

  /**
   * The same, and if that is in vain, the gaps above.
   *
   * <p>Source: {@code drivers/iommu/iova.c:iova_find_limit}.
   */
  GapSearch BELOW_LAST_PLACED_THEN_ABOVE =
      (gaps, lastPlaced, endPfn, sizePages, sizeAligned) -> {
        int found = gaps.highest(lastPlaced, endPfn, sizePages, sizeAligned);
        return gaps.isUsable(found, endPfn, sizePages, sizeAligned)
                || !gaps.endsBefore(lastPlaced, endPfn)
            ? found
            : gaps.highest(gaps.anchor(), endPfn, sizePages, sizeAligned);
      };

  /**
   * Returns the range above the gap to take, or {@link GapFinder#NONE}.
   *
   * @param gaps finds them
   * @param lastPlaced the range that was placed last, of those below 4 GiB if {@code endPfn} is
   *     there and else of the others; the anchor if there is none
   * @param endPfn the page that the new range must end before
   * @param sizePages the new range's width, 1 to 2^63 - 1
   * @param sizeAligned whether it starts at a multiple of the power of two that it fits in
   */
  int find(GapFinder gaps, int lastPlaced, long endPfn, long sizePages, boolean sizeAligned);
}
