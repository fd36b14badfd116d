package org.iommu4j.iova;

/**
 * What fits into a gap, as numbers that can be compared: the widest range at all, and the widest
 * range that is aligned to its size.
 *
 * <p>The second is one number although alignment seems to need more. Say that the largest aligned
 * block of a power of two in the gap has {@code 2^j} pages. A size-aligned range of up to {@code
 * 2^j} pages fits there. A range of more than {@code 2^j} and less than {@code 2^(j+1)} pages
 * starts at a multiple of {@code 2^(j+1)}, of which the gap holds one at most (two would enclose an
 * aligned block of {@code 2^(j+1)}), and fits if the room from there to the gap's end suffices. A
 * wider one never fits. So a size-aligned range of {@code n} pages fits exactly if {@code n} is at
 * most the larger of {@code 2^j} and that room, and a maximum over a subtree decides for the whole
 * subtree.
 *
 * <p>Both numbers stop at {@link #HUGE} to fit in an {@code int}; whoever looks for more must look
 * at the gap itself.
 */
final class GapRoom {
  /** Stands for every number of pages from here on: 8 TiB of 4 KiB pages. */
  static final int HUGE = Integer.MAX_VALUE;

  private GapRoom() {}

  /** Returns the number of pages, or {@link #HUGE} if it is that or more. */
  static int capped(long pages) {
    return Pfns.below(pages, HUGE) ? (int) pages : HUGE;
  }

  /**
   * Returns the widest size-aligned range that fits into {@code [floorPfn, endPfn)}, capped.
   *
   * @param floorPfn the gap's first page
   * @param endPfn the page after the gap, at least {@code floorPfn}
   */
  static int alignedRoom(long floorPfn, long endPfn) {
    long pages = endPfn - floorPfn;
    if (pages == 0) {
      return 0;
    }
    int order = Long.SIZE - 1 - Long.numberOfLeadingZeros(pages);
    if (order > Integer.SIZE) {
      return HUGE;
    }
    if (Pfns.below((endPfn - (1L << order)) & (-1L << order), floorPfn)) {
      order--;
    }
    long lastMultiple = (endPfn - 1) & (-1L << (order + 1));
    long room = Pfns.below(lastMultiple, floorPfn) ? 0 : endPfn - lastMultiple;
    return capped(Math.max(1L << order, room));
  }
}
