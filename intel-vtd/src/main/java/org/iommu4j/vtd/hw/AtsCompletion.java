package org.iommu4j.vtd.hw;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.errorprone.annotations.Immutable;

/**
 * The answer to a device's translation request.
 *
 * @param phys what the address translates to; 0 if nothing is granted
 * @param pageBytes the size of the page that the answer holds for
 * @param readable whether reads are granted
 * @param writable whether writes are granted
 */
@Immutable
public record AtsCompletion(long phys, long pageBytes, boolean readable, boolean writable) {
  /** The answer that grants nothing. */
  public static final AtsCompletion NOTHING = new AtsCompletion(0, PAGE_BYTES, false, false);
}
