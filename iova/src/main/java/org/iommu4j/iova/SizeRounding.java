package org.iommu4j.iova;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Pages;

/**
 * How many pages are taken for a mapping of so many: each way of mapping has its own rule.
 * Implementations are stateless and allocate nothing.
 */
@Immutable
public interface SizeRounding {
  /** Every size becomes a power of two, so that the caches know it again when it is freed. */
  SizeRounding POWER_OF_TWO = Pages::roundUpToPowerOfTwo;

  /**
   * Returns the number of pages to take.
   *
   * @param pages how many are mapped, 0 to 2^62
   */
  long rounded(long pages);
}
