package org.iommu4j.swiotlb;

import com.google.errorprone.annotations.Immutable;

/**
 * Where in an area of a pool a run of free slots is looked for.
 *
 * <p>Implementations are stateless and allocate nothing; they are called with the area's lock held.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c:find_slots}.
 */
@Immutable
public interface SlotSearch {
  /**
   * From the place where the last run ended, rounded up to a stride, by strides; where the address
   * does not agree with the device's mask, slot by slot.
   */
  SlotSearch FROM_ROUNDED_INDEX = new StrideSearch();

  /**
   * From the place where the last run ended, slot by slot until the address is aligned and agrees
   * with the device's mask, and then by strides.
   */
  SlotSearch FROM_INDEX = new AlignedSearch();

  /**
   * Returns the first slot of a run to take, or {@link SlotFinder#NONE}.
   *
   * @param slots the area's slots
   * @param next the slot after those that were taken last
   * @param phys the original address; the slots' address agrees with it in {@code minAlignMask}
   * @param bytes what the run has to hold, at least 1
   * @param allocAlignMask the low address bits of the run that are to be 0
   * @param minAlignMask the low address bits that the device wants kept
   * @param boundaryMask the mask of the boundary that the run must not cross; {@link
   *     IllegalArgumentException} if that lies at no power of two of slots
   */
  int find(
      SlotFinder slots,
      int next,
      long phys,
      long bytes,
      int allocAlignMask,
      int minAlignMask,
      long boundaryMask);
}
