package org.iommu4j.bench;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.errorprone.annotations.CanIgnoreReturnValue;

/** Pages that are mapped in a row and unmapped in the same order. */
final class Batch {
  /** Thirty magazines' worth. */
  static final int PAGES = 3840;

  private final Rig rig;
  private final long[] dmaAddrs = new long[PAGES];
  private boolean mapped;

  Batch(Rig rig) {
    this.rig = rig;
  }

  /** Maps all pages. */
  @CanIgnoreReturnValue
  long map() {
    for (int i = 0; i < PAGES; i++) {
      dmaAddrs[i] =
          DmaRows.map(rig.dma(), rig.first(), DmaRows.BUFFERS_PHYS + (long) PAGE_BYTES * i);
    }
    mapped = true;
    return dmaAddrs[0];
  }

  /** Unmaps them; nothing to do the first time. */
  @CanIgnoreReturnValue
  long unmap() {
    for (int i = 0; mapped && i < PAGES; i++) {
      DmaRows.unmap(rig.dma(), rig.first(), dmaAddrs[i]);
    }
    mapped = false;
    return dmaAddrs[0];
  }
}
