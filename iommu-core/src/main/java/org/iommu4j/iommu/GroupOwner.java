package org.iommu4j.iommu;

import org.iommu4j.iommu.spi.IommuDomain;
import org.jspecify.annotations.Nullable;

/**
 * Who has a group: nobody, drivers of the kernel, or one who has claimed it. Not thread-safe: the
 * group's monitor guards it.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:struct iommu_group}, {@code owner_cnt} and {@code owner}.
 */
final class GroupOwner {
  private int uses;
  private @Nullable Object claimant;
  private @Nullable IommuDomain blockingDomain;

  /** Returns how many drivers use the group, or 1 if it is claimed. */
  int uses() {
    return uses;
  }

  /** Returns whether somebody has claimed the group. */
  boolean isClaimed() {
    return claimant != null;
  }

  void claim(Object by) {
    claimant = by;
    uses = 1;
  }

  void release() {
    claimant = null;
    uses = 0;
  }

  void use() {
    uses++;
  }

  void unuse() {
    uses = Math.max(0, uses - 1);
  }

  /** Returns the domain of a claimed group whose owner has attached none; null before a claim. */
  @Nullable IommuDomain blockingDomain() {
    return blockingDomain;
  }

  void setBlockingDomain(@Nullable IommuDomain domain) {
    blockingDomain = domain;
  }
}
