package org.iommu4j.evidence.trace;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.jspecify.annotations.Nullable;

/**
 * A mapping that the model holds in place of one that the kernel held.
 *
 * @param recordedPfn the number of the kernel's first I/O page
 * @param modelAddr the model's address of that page
 * @param pages how many pages it has
 * @param buffer the coherent memory, if it is that
 */
record LiveMapping(
    Device device, long recordedPfn, long modelAddr, long pages, @Nullable CoherentBuffer buffer) {
  boolean contains(long pfn) {
    return pfn >= recordedPfn && pfn - recordedPfn < pages;
  }

  /** Returns what stands for a recorded address within the mapping. */
  long modelOf(long recordedAddress) {
    return modelAddr + (recordedAddress - (recordedPfn << PAGE_SHIFT));
  }
}
