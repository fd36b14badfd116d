package org.iommu4j.swiotlb;

import java.util.function.IntSupplier;

/**
 * How a pool is parted.
 *
 * @param count how many areas there are, at least 1; those of a pool have the same size
 * @param currentCpu which CPU asks for slots
 */
public record PoolAreas(int count, IntSupplier currentCpu) {
  /** Checks the number. */
  public PoolAreas {
    if (count < 1) {
      throw new IllegalArgumentException("a pool of " + count + " areas");
    }
  }

  /** Returns what a pool has that is not parted. */
  public static PoolAreas one() {
    return new PoolAreas(1, () -> 0);
  }
}
