package org.iommu4j.vfio.uapi;

import org.jspecify.annotations.Nullable;

/**
 * What a process asks VFIO_IOMMU_UNMAP_DMA for. All numbers are taken as they are.
 *
 * <p>Source: {@code include/uapi/linux/vfio.h:struct vfio_iommu_type1_dma_unmap}.
 *
 * @param argszBytes the size that the caller gives the structure, at least {@link #SIZE_BYTES}
 * @param flags {@link #GET_DIRTY_BITMAP}, or {@link #ALL} and {@link #VADDR}, or nothing
 * @param iova the first address
 * @param sizeBytes how much
 * @param bitmap where the dirty pages go; null where the flag is not given
 */
public record DmaUnmap(
    int argszBytes, int flags, long iova, long sizeBytes, @Nullable DirtyBitmap bitmap) {
  /** The size of the structure without a bitmap. */
  public static final int SIZE_BYTES = 24;

  /** Before it unmaps, it says which pages are dirty. */
  public static final int GET_DIRTY_BITMAP = 1;

  /**
   * All of the container, from Linux 5.12 on; address and size are 0 then. 5.10 refuses the flag.
   *
   * <p>Source: {@code include/uapi/linux/vfio.h:VFIO_DMA_UNMAP_FLAG_ALL} of 5.12.
   */
  public static final int ALL = 2;

  /**
   * What is mapped stays, and its address in the process is not valid until another one is given,
   * from Linux 5.12 on; 5.10 refuses the flag.
   *
   * <p>Source: {@code include/uapi/linux/vfio.h:VFIO_DMA_UNMAP_FLAG_VADDR} of 5.12.
   */
  public static final int VADDR = 4;

  /** Asks for a range. */
  public static DmaUnmap of(long iova, long sizeBytes) {
    return new DmaUnmap(SIZE_BYTES, 0, iova, sizeBytes, null);
  }

  /** Asks for all mappings. */
  public static DmaUnmap all() {
    return new DmaUnmap(SIZE_BYTES, ALL, 0, 0, null);
  }

  /** Makes the addresses in the process of all mappings of a range invalid. */
  public static DmaUnmap invalidating(long iova, long sizeBytes) {
    return new DmaUnmap(SIZE_BYTES, VADDR, iova, sizeBytes, null);
  }

  /** Asks for a range and for which of its pages are dirty. */
  public static DmaUnmap withDirty(long iova, long sizeBytes, DirtyBitmap bitmap) {
    return new DmaUnmap(
        SIZE_BYTES + DirtyBitmap.SIZE_BYTES, GET_DIRTY_BITMAP, iova, sizeBytes, bitmap);
  }
}
