package org.iommu4j.vfio.type1;

/**
 * A page that a driver in the kernel keeps pinned, and how often. Guarded by the lock of its {@link
 * Type1Iommu}.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:struct vfio_pfn}.
 */
final class PinnedPage {
  private final long pfn;
  private int count = 1;

  PinnedPage(long pfn) {
    this.pfn = pfn;
  }

  long pfn() {
    return pfn;
  }

  void pinAgain() {
    count++;
  }

  /** Counts one pin less; returns whether it was the last. */
  boolean unpin() {
    return --count == 0;
  }
}
