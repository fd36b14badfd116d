package org.iommu4j.vfio.type1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.iommu4j.base.Errno;

/**
 * The pages of one mapping that were written, as far as anybody can tell, a bit each. Not
 * thread-safe.
 *
 * <p>Bits past the last page are as the kernel leaves them, which need not be zero.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_dma_bitmap_alloc}.
 */
final class DirtyBits {
  private final long[] words;
  private final int pages;

  /** Makes a map of clean pages; one word more than needed, for shifting. */
  DirtyBits(int pages) {
    this.words = new long[bytes(pages) / Long.BYTES + 1];
    this.pages = pages;
  }

  /** Returns the size of a map for so many pages: whole words. */
  static int bytes(long pages) {
    return (int) ((pages + 63 & ~63L) >>> 3);
  }

  void set(int page) {
    words[page >>> 6] |= 1L << page;
  }

  void setAll() {
    for (int page = 0; page < pages; page++) {
      words[page >>> 6] |= 1L << page;
    }
  }

  void clearAll() {
    for (int page = 0; page < pages; page++) {
      words[page >>> 6] &= ~(1L << page);
    }
  }

  /**
   * Writes the map into a user's, from a page of that on; what the user's has in the same word
   * before that page is kept.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:update_user_bitmap}.
   *
   * @return 0, or -EFAULT if the user's memory ends before
   */
  int copyTo(byte[] user, long firstPage) {
    ByteBuffer bytes = ByteBuffer.wrap(user).order(ByteOrder.LITTLE_ENDIAN);
    long offset = firstPage / Long.SIZE * Long.BYTES;
    int shift = (int) (firstPage % Long.SIZE);
    int length = bytes((long) pages + shift);
    if (shift != 0) {
      shiftLeft(shift);
      if (offset + Long.BYTES > user.length) {
        return Errno.EFAULT;
      }
      words[0] |= bytes.getLong((int) offset);
    }
    if (offset + length > user.length) {
      return Errno.EFAULT;
    }
    for (int i = 0; i < length; i += Long.BYTES) {
      bytes.putLong((int) offset + i, words[i / Long.BYTES]);
    }
    return 0;
  }

  // lib/bitmap.c:__bitmap_shift_left, of as many words as the shifted map has.
  private void shiftLeft(int shift) {
    for (int k = bytes((long) pages + shift) / Long.BYTES - 1; k >= 0; k--) {
      long below = k == 0 ? 0 : words[k - 1] >>> (Long.SIZE - shift);
      words[k] = words[k] << shift | below;
    }
  }
}
