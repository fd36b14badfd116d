package org.iommu4j.swiotlb;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.errorprone.annotations.Immutable;

/**
 * Tests each slot's alignment from where the last run ended, and goes on by strides once one is
 * aligned.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_search_pool_area}.
 */
@Immutable
final class AlignedSearch implements SlotSearch {
  private static final long SLOT_MASK = SlotTable.SLOT_BYTES - 1;

  @Override
  public int find(
      SlotFinder slots,
      int next,
      long phys,
      long bytes,
      int allocAlignMask,
      int minAlignMask,
      long boundaryMask) {
    boolean isPages = allocAlignMask == 0 && minAlignMask == 0 && bytes >= PAGE_BYTES;
    long alignMask = (isPages ? OFFSET_MASK : Integer.toUnsignedLong(allocAlignMask)) | SLOT_MASK;
    long keptMask = Integer.toUnsignedLong(minAlignMask) & ~alignMask;
    long stride = (Math.max(alignMask, keptMask) >>> SlotTable.SLOT_SHIFT) + 1;
    int count = SlotTable.slotsOf(bytes);
    int total = slots.total();
    int index = next;
    for (long checked = 0; checked < total; ) {
      long step = 1;
      if (slots.agrees(index, 0, alignMask, boundaryMask)
          && slots.agrees(index, phys, keptMask, boundaryMask)) {
        if (slots.fits(index, count, boundaryMask)) {
          return index;
        }
        step = stride;
      }
      index = index + step < total ? (int) (index + step) : 0;
      checked += step;
    }
    return SlotFinder.NONE;
  }
}
