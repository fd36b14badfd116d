package org.iommu4j.vfio.uapi;

/**
 * A driver in the kernel that is told before a mapping goes of which it has pages pinned. It must
 * unpin them all before it returns.
 *
 * <p>Called without a lock, by the thread that unmaps.
 *
 * <p>Source: {@code include/linux/vfio.h:VFIO_IOMMU_NOTIFY_DMA_UNMAP}.
 */
@FunctionalInterface
public interface UnmapListener {
  /** Is told of a whole mapping that is to go. */
  void unmapping(long iova, long sizeBytes);
}
