package org.iommu4j.vfio.uapi;

import com.google.errorprone.annotations.Immutable;

/**
 * What a process asks VFIO_IOMMU_MAP_DMA for. All numbers are taken as they are, right or wrong:
 * the call says what is wrong with them.
 *
 * <p>Source: {@code include/uapi/linux/vfio.h:struct vfio_iommu_type1_dma_map}.
 *
 * @param argszBytes the size that the caller gives the structure, at least {@link #SIZE_BYTES}
 * @param flags {@link #READ} and {@link #WRITE}, from the device's side
 * @param vaddr where the memory is in the process
 * @param iova where the device is to find it
 * @param sizeBytes how much
 */
@Immutable
public record DmaMap(int argszBytes, int flags, long vaddr, long iova, long sizeBytes) {
  /** The size of the structure. */
  public static final int SIZE_BYTES = 32;

  /** The device may read. */
  public static final int READ = 1;

  /** The device may write. */
  public static final int WRITE = 2;

  /** Asks for memory that the device may read and write. */
  public static DmaMap readWrite(long vaddr, long iova, long sizeBytes) {
    return new DmaMap(SIZE_BYTES, READ | WRITE, vaddr, iova, sizeBytes);
  }

  /** Asks for memory that the device may only read. */
  public static DmaMap readOnly(long vaddr, long iova, long sizeBytes) {
    return new DmaMap(SIZE_BYTES, READ, vaddr, iova, sizeBytes);
  }
}
