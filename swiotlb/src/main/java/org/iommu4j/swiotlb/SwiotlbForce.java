package org.iommu4j.swiotlb;

/**
 * Whether direct mappings bounce even where they need not.
 *
 * <p>Source: {@code include/linux/swiotlb.h:enum swiotlb_force}.
 */
public enum SwiotlbForce {
  /** Bounce what the device cannot reach. */
  NORMAL,
  /** Bounce every mapping: {@code swiotlb=force}. */
  FORCE,
  /** Never bounce: {@code swiotlb=noforce}. */
  NO_FORCE
}
