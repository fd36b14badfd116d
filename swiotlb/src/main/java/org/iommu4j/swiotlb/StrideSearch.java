package org.iommu4j.swiotlb;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.errorprone.annotations.Immutable;

/**
 * Rounds the place to start at up to a stride, and goes on by strides.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c:find_slots}.
 */
@Immutable
final class StrideSearch implements SlotSearch {
  private static final int SLOT_MASK = SlotTable.SLOT_BYTES - 1;
  private static final int PAGE_SLOTS_SHIFT = 1;

  // The kernel's search goes round for ever if it left the grid of strides on its way and nothing
  // fits: it waits for a slot that it no longer looks at. A round of all slots ends it here.
  @Override
  public int find(
      SlotFinder slots,
      int next,
      long phys,
      long bytes,
      int allocAlignMask,
      int minAlignMask,
      long boundaryMask) {
    int count = SlotTable.slotsOf(bytes);
    int ownMask = allocAlignMask | SLOT_MASK;
    long alignMask = (minAlignMask & ~ownMask) & 0xffff_ffffL;
    int stride = (int) (alignMask >>> SlotTable.SLOT_SHIFT) + 1;
    if (bytes >= PAGE_BYTES) {
      stride <<= PAGE_SLOTS_SHIFT;
    }
    stride = Math.max(stride, (ownMask >>> SlotTable.SLOT_SHIFT) + 1);
    int total = slots.total();
    int wrap = wrapped((next + stride - 1) & -stride, total);
    int index = wrap;
    for (int step = 0; step < total; step++) {
      if (!slots.agrees(index, phys, alignMask, boundaryMask)) {
        index = wrapped(index + 1, total);
      } else if (slots.fits(index, count, boundaryMask)) {
        return index;
      } else {
        index = wrapped(index + stride, total);
      }
      if (index == wrap) {
        return SlotFinder.NONE;
      }
    }
    return SlotFinder.NONE;
  }

  private static int wrapped(int index, int total) {
    return Integer.compareUnsigned(index, total) >= 0 ? 0 : index;
  }
}
