package org.iommu4j.vtd.hw.format;

/**
 * What all descriptors of the invalidation queue share: 128 bits, or 256 on request, of which the
 * lowest four say the type.
 *
 * <p>A descriptor is handled as its two words and is no object, because the driver queues one on
 * every strict unmap. Source: VT-d 3.3 section 6.5.2.
 */
public final class InvalidationDescriptor {
  /** The size of a descriptor in bytes. */
  public static final int BYTES = 16;

  /**
   * The size in bytes where the queue holds 256-bit descriptors. Those of legacy mode then have two
   * more words, which are zero.
   */
  public static final int WIDE_BYTES = 32;

  /** The type, one of this class's constants. */
  public static final BitField TYPE = BitField.bits("TYPE", 3, 0);

  /** The type's upper part, zero in all types of legacy mode. */
  public static final BitField TYPE_UPPER = BitField.bits("TYPE[6:4]", 11, 9);

  /** Context-cache invalidate. */
  public static final int CONTEXT_CACHE = 1;

  /** IOTLB invalidate. */
  public static final int IOTLB = 2;

  /** Device-TLB invalidate. */
  public static final int DEVICE_TLB = 3;

  /** Interrupt-entry-cache invalidate. */
  public static final int INTERRUPT_ENTRY_CACHE = 4;

  /** Invalidation wait. */
  public static final int WAIT = 5;

  /** PASID-based IOTLB invalidate, of scalable mode. */
  public static final int PASID_IOTLB = 6;

  /** PASID-cache invalidate, of scalable mode. */
  public static final int PASID_CACHE = 7;

  private InvalidationDescriptor() {}
}
