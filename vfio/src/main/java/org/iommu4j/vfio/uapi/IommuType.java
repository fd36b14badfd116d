package org.iommu4j.vfio.uapi;

/**
 * The numbers that VFIO_SET_IOMMU and VFIO_CHECK_EXTENSION know.
 *
 * <p>Source: {@code include/uapi/linux/vfio.h}.
 */
public final class IommuType {
  /** Type1 as it was first: an unmapping takes all of a mapping whose first byte it touches. */
  public static final int TYPE1 = 1;

  /** Type1 that refuses to cut a mapping. */
  public static final int TYPE1_V2 = 3;

  /** Whether the devices' accesses snoop the CPUs' caches; a question and no type. */
  public static final int DMA_CC = 4;

  /** Type1 version 2 with two stages of translation. */
  public static final int TYPE1_NESTING = 6;

  /** Whether an unmapping can be of all there is ({@link DmaUnmap#ALL}); a question and no type. */
  public static final int UNMAP_ALL = 9;

  /** Whether a mapping's memory can move ({@link DmaMap#VADDR}); a question and no type. */
  public static final int UPDATE_VADDR = 10;

  private IommuType() {}
}
