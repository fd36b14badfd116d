package org.iommu4j.testkit.invariants;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import java.util.List;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.DmaDirection;

/**
 * What one call mapped. Immutable.
 *
 * @param pieces where each piece went
 * @param direction the rights
 * @param bufferFrames how many frames the call took for its buffer
 * @param unmap undoes the call
 */
record Mapped(List<Piece> pieces, DmaDirection direction, long bufferFrames, Runnable unmap) {

  /**
   * One run of addresses.
   *
   * @param dmaAddr where it begins for the device
   * @param phys where it begins in memory
   */
  record Piece(long dmaAddr, long phys, long sizeBytes) {
    long firstPfn() {
      return dmaAddr >>> PAGE_SHIFT;
    }

    long pages() {
      return Pages.touched(dmaAddr, sizeBytes);
    }

    Range<Long> pfns() {
      return Range.closedOpen(firstPfn(), firstPfn() + pages());
    }
  }

  /** Returns the I/O page frames that the call took, neighbours joined. */
  RangeSet<Long> pfns() {
    RangeSet<Long> pfns = TreeRangeSet.create();
    pieces.forEach(piece -> pfns.add(piece.pfns()));
    return pfns;
  }
}
