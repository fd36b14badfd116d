package org.iommu4j.iova;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Pages;

/**
 * How many pages are taken for a mapping of so many: each way of mapping has its own rule.
 *
 * @param exactFromPages from how many pages on exactly as many are taken; below that, the next
 *     power of two
 */
@Immutable
public record SizeRounding(long exactFromPages) {
  /** Every size becomes a power of two, so that the caches know it again when it is freed. */
  public static final SizeRounding POWER_OF_TWO = new SizeRounding(Long.MAX_VALUE);

  /**
   * Sizes that the caches keep become a power of two, all but the largest of them; larger sizes
   * stay as they are, for they go to the tree and back.
   *
   * <p>Source: {@code drivers/iommu/iova.c:alloc_iova_fast}.
   */
  public static final SizeRounding POWER_OF_TWO_IF_CACHED =
      new SizeRounding(1L << (IovaDomain.CACHED_ORDERS - 1));

  /**
   * Returns the number of pages to take.
   *
   * @param pages how many are mapped, 0 to 2^62
   */
  public long rounded(long pages) {
    return pages < exactFromPages ? Pages.roundUpToPowerOfTwo(pages) : pages;
  }
}
