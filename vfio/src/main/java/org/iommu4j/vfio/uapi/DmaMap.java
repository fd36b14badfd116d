package org.iommu4j.vfio.uapi;

import com.google.errorprone.annotations.Immutable;

/**
 * What a process asks VFIO_IOMMU_MAP_DMA for. All numbers are taken as they are, right or wrong:
 * the call says what is wrong with them.
 *
 * <p>Source: {@code include/uapi/linux/vfio.h:struct vfio_iommu_type1_dma_map}.
 *
 * @param argszBytes the size that the caller gives the structure, at least {@link #SIZE_BYTES}
 * @param flags {@link #READ} and {@link #WRITE}, from the device's side, or {@link #VADDR}
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

  /**
   * A mapping that is there gets another address in the process, from Linux 5.12 on; 5.10 refuses
   * the flag.
   *
   * <p>Source: {@code include/uapi/linux/vfio.h:VFIO_DMA_MAP_FLAG_VADDR} of 5.12.
   */
  public static final int VADDR = 4;

  /** Asks for memory that the device may read and write. */
  public static DmaMap readWrite(long vaddr, long iova, long sizeBytes) {
    return new DmaMap(SIZE_BYTES, READ | WRITE, vaddr, iova, sizeBytes);
  }

  /** Gives a mapping whose address in the process is not valid another one. */
  public static DmaMap move(long vaddr, long iova, long sizeBytes) {
    return new DmaMap(SIZE_BYTES, VADDR, vaddr, iova, sizeBytes);
  }

  /** Asks for memory that the device may only read. */
  public static DmaMap readOnly(long vaddr, long iova, long sizeBytes) {
    return new DmaMap(SIZE_BYTES, READ, vaddr, iova, sizeBytes);
  }
}
