package org.iommu4j.iova;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.Immutable;

/**
 * What releases do differently with the full magazines that all CPUs share.
 *
 * <p>Source: {@code drivers/iommu/iova.c:struct iova_rcache}.
 *
 * @param magazines how many of a size there are at most, {@link #NO_LIMIT} or less; what is more
 *     goes back to the tree
 * @param isFlushed whether they go back to the tree with the CPUs' own when no room is found
 * @param agingMillis the time after which one goes back to the tree if there are more of its size
 *     than CPUs; 0 if none does
 */
@Immutable
public record DepotRules(int magazines, boolean isFlushed, long agingMillis) {
  /** As many magazines as memory has room for. */
  public static final int NO_LIMIT = Integer.MAX_VALUE;

  /** Checks the numbers. */
  public DepotRules {
    checkArgument(magazines >= 0, "a depot of %s magazines", magazines);
    checkArgument(agingMillis >= 0, "magazines that age in %s ms", agingMillis);
  }
}
