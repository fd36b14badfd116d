package org.iommu4j.vfio.uapi;

import org.jspecify.annotations.Nullable;

/**
 * What a process asks VFIO_IOMMU_DIRTY_PAGES for. All numbers are taken as they are.
 *
 * <p>Source: {@code include/uapi/linux/vfio.h:struct vfio_iommu_type1_dirty_bitmap}.
 *
 * @param argszBytes the size that the caller gives the structures
 * @param flags one of {@link #START}, {@link #STOP}, {@link #GET_BITMAP}
 * @param iova the first address, for {@link #GET_BITMAP}
 * @param rangeBytes how much, for {@link #GET_BITMAP}
 * @param bitmap where the dirty pages go, for {@link #GET_BITMAP}; else null
 */
public record DirtyPages(
    int argszBytes, int flags, long iova, long rangeBytes, @Nullable DirtyBitmap bitmap) {
  /** The size of the structure without a range. */
  public static final int SIZE_BYTES = 8;

  /** The size of a range and its bitmap. */
  public static final int RANGE_BYTES = 16 + DirtyBitmap.SIZE_BYTES;

  /** From now on pages that are written are noted. */
  public static final int START = 1;

  /** From now on they are not. */
  public static final int STOP = 2;

  /** Which were written since the last time. */
  public static final int GET_BITMAP = 4;

  /** Asks for {@link #START}. */
  public static DirtyPages start() {
    return new DirtyPages(SIZE_BYTES, START, 0, 0, null);
  }

  /** Asks for {@link #STOP}. */
  public static DirtyPages stop() {
    return new DirtyPages(SIZE_BYTES, STOP, 0, 0, null);
  }

  /** Asks for the dirty pages of a range. */
  public static DirtyPages bitmap(long iova, long rangeBytes, DirtyBitmap bitmap) {
    return new DirtyPages(SIZE_BYTES + RANGE_BYTES, GET_BITMAP, iova, rangeBytes, bitmap);
  }
}
