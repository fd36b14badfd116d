package org.iommu4j.vfio.uapi;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What VFIO_IOMMU_GET_INFO answers.
 *
 * <p>Source: {@code include/uapi/linux/vfio.h:struct vfio_iommu_type1_info}.
 *
 * @param pageSizes the sizes of pages that can be mapped, a bit each
 * @param dirtyPageSizes the sizes of pages that dirty pages are told by
 * @param maxDirtyBitmapBytes the largest map of dirty pages
 * @param dmaAvail how many more mappings the container takes
 * @param iovaRanges the addresses that may be mapped
 * @param alignsCapabilities whether each capability begins at a multiple of 8 bytes: {@code
 *     drivers/vfio/vfio_main.c:vfio_info_cap_add}
 */
@Immutable
public record Type1Info(
    long pageSizes,
    long dirtyPageSizes,
    long maxDirtyBitmapBytes,
    int dmaAvail,
    ImmutableList<IovaRange> iovaRanges,
    boolean alignsCapabilities) {
  /** The size of the structure without its last field, the least that a caller may give. */
  public static final int MIN_BYTES = 16;

  /** The size of the structure with all fields, with its padding: where capabilities begin. */
  public static final int SIZE_BYTES = 24;

  private static final int PAGE_SIZES = 1;
  private static final int CAPABILITIES = 2;
  private static final int IOVA_RANGE = 1;
  private static final int MIGRATION = 2;
  private static final int DMA_AVAIL = 3;
  private static final int MIGRATION_BYTES = 32;
  private static final int DMA_AVAIL_BYTES = 12;
  private static final int PADDING_BYTES = 4;
  private static final int IOVA_RANGE_BYTES = 16;

  private int dmaAvailBytes() {
    return DMA_AVAIL_BYTES + (alignsCapabilities ? PADDING_BYTES : 0);
  }

  /** Returns how large the whole answer is. */
  public int sizeBytes() {
    return SIZE_BYTES
        + MIGRATION_BYTES
        + dmaAvailBytes()
        + IOVA_RANGE_BYTES * (1 + iovaRanges.size());
  }

  /**
   * Writes the answer as the call does: what fits of the structure, and the chain of capabilities
   * if there is room for all of it. If there is not, the structure's own size says how much.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_get_info}.
   *
   * @param argszBytes how much room there is, at least {@link #MIN_BYTES}
   * @param into the caller's memory, at least {@link #SIZE_BYTES} and {@code argszBytes}
   */
  public void encode(int argszBytes, byte[] into) {
    ByteBuffer bytes = ByteBuffer.wrap(into).order(ByteOrder.LITTLE_ENDIAN);
    boolean fits = argszBytes >= sizeBytes();
    bytes.putInt(0, fits ? argszBytes : sizeBytes());
    bytes.putInt(4, PAGE_SIZES | CAPABILITIES);
    bytes.putLong(8, pageSizes);
    if (argszBytes >= MIN_BYTES + Integer.BYTES) {
      bytes.putInt(16, fits ? SIZE_BYTES : 0);
    }
    if (fits) {
      encodeCapabilities(bytes.position(SIZE_BYTES));
    }
  }

  private void encodeCapabilities(ByteBuffer bytes) {
    int next = SIZE_BYTES + MIGRATION_BYTES;
    header(bytes, MIGRATION, next).putInt(0); // flags
    bytes.putInt(0).putLong(dirtyPageSizes).putLong(maxDirtyBitmapBytes);
    next += dmaAvailBytes();
    header(bytes, DMA_AVAIL, iovaRanges.isEmpty() ? 0 : next).putInt(dmaAvail);
    bytes.position(next);
    if (!iovaRanges.isEmpty()) {
      header(bytes, IOVA_RANGE, 0).putInt(iovaRanges.size()).putInt(0);
      iovaRanges.forEach(range -> bytes.putLong(range.first()).putLong(range.last()));
    }
  }

  private static ByteBuffer header(ByteBuffer bytes, int id, int next) {
    return bytes.putShort((short) id).putShort((short) 1).putInt(next);
  }
}
