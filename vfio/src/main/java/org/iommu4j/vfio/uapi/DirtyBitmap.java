package org.iommu4j.vfio.uapi;

/**
 * Where a process wants to have a bit for each page that is dirty. All numbers are taken as they
 * are.
 *
 * <p>Source: {@code include/uapi/linux/vfio.h:struct vfio_bitmap}.
 *
 * @param pageBytes how much a bit stands for
 * @param sizeBytes how large the caller says that its memory is
 * @param data the memory, which the call writes to; little-endian, and zeroed by the caller
 */
@SuppressWarnings("ArrayRecordComponent") // the caller's memory
public record DirtyBitmap(long pageBytes, long sizeBytes, byte[] data) {
  /** The size of the structure. */
  public static final int SIZE_BYTES = 24;

  /** Returns a zeroed one for a range of pages. */
  public static DirtyBitmap of(long pageBytes, long rangeBytes) {
    int bytes = (int) ((rangeBytes / pageBytes + 63) / 64 * 8);
    return new DirtyBitmap(pageBytes, bytes, new byte[bytes]);
  }

  /** Returns whether a page of the range is dirty. */
  public boolean isDirty(int page) {
    return (data[page / 8] >> page % 8 & 1) != 0;
  }
}
