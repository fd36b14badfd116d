package org.iommu4j.iova;

import com.google.errorprone.annotations.Immutable;

/**
 * A range of I/O page frames as the allocator's tree holds it.
 *
 * <p>Source: {@code include/linux/iova.h:struct iova}, whose bounds are inclusive too.
 *
 * @param loPfn the lowest page frame, unsigned
 * @param hiPfn the highest page frame, unsigned, at least {@code loPfn}
 */
@Immutable
public record IovaRange(long loPfn, long hiPfn) {
  /** Checks the order; throws {@link IllegalArgumentException} if the range is upside down. */
  public IovaRange {
    if (Pfns.below(hiPfn, loPfn)) {
      throw new IllegalArgumentException(
          "range ends at pfn " + Pfns.hex(hiPfn) + ", below its start " + Pfns.hex(loPfn));
    }
  }

  /** Returns the number of pages; 0 stands for 2^64. */
  public long sizePages() {
    return hiPfn - loPfn + 1;
  }

  /** Returns whether the page frame is in the range. */
  public boolean contains(long pfn) {
    return !Pfns.below(pfn, loPfn) && !Pfns.below(hiPfn, pfn);
  }

  @Override
  public String toString() {
    return "pfns [" + Pfns.hex(loPfn) + ", " + Pfns.hex(hiPfn + 1) + ")";
  }
}
