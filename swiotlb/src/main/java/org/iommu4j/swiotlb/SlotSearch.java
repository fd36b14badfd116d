package org.iommu4j.swiotlb;

import com.google.errorprone.annotations.Immutable;

/**
 * Where in a pool a run of free slots is looked for.
 *
 * <p>Implementations are stateless and allocate nothing; they are called with the pool's lock held.
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
   * Returns the first slot of a run to take, or {@link SlotFinder#NONE}.
   *
   * @param slots the pool's slots
   * @param next the slot after those that were taken last
   * @param phys the original address; the slots' address agrees with it in {@code minAlignMask}
   * @param bytes what the run has to hold, at least 1
   * @param minAlignMask the low address bits that the device wants kept
   * @param boundaryMask the mask of the boundary that the run must not cross; {@link
   *     IllegalArgumentException} if that lies at no power of two of slots
   */
  int find(SlotFinder slots, int next, long phys, long bytes, int minAlignMask, long boundaryMask);
}
