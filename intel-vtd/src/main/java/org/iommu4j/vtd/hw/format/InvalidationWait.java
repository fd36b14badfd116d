package org.iommu4j.vtd.hw.format;

/** The invalidation wait descriptor. Source: VT-d 3.3 section 6.5.2.8. */
public final class InvalidationWait {
  /** Interrupt flag. */
  public static final BitField IF = BitField.bit("IF", 4);

  /** Status write. */
  public static final BitField SW = BitField.bit("SW", 5);

  /** Fence. */
  public static final BitField FN = BitField.bit("FN", 6);

  /** Page-request drain. */
  public static final BitField PD = BitField.bit("PD", 7);

  /** Status data. */
  public static final BitField STATUS_DATA = BitField.bits("STATUS_DATA", 63, 32);

  /** Status address, the number of a 32-bit word. */
  public static final BitField STATUS_ADDR = BitField.bits("STATUS_ADDR", 127, 66);

  /** The bits of word 0 that must be zero. */
  public static final long RESERVED_LOW =
      ~(InvalidationDescriptor.TYPE.mask()
          | IF.mask()
          | SW.mask()
          | FN.mask()
          | PD.mask()
          | STATUS_DATA.mask());

  /** The bits of word 1 that must be zero. */
  public static final long RESERVED_HIGH = ~STATUS_ADDR.mask();

  private InvalidationWait() {}

  /** Returns word 0 of a wait that writes {@code data} to memory when it is done. */
  public static long lowStatus(int data) {
    return InvalidationDescriptor.TYPE.of(InvalidationDescriptor.WAIT)
        | SW.mask()
        | STATUS_DATA.of(Integer.toUnsignedLong(data));
  }

  /** Returns word 0 of a wait that interrupts when it is done; word 1 is zero. */
  public static long lowInterrupt() {
    return InvalidationDescriptor.TYPE.of(InvalidationDescriptor.WAIT) | IF.mask();
  }

  /** Returns word 1: the status is written to {@code statusPhys}, a multiple of 4. */
  public static long high(long statusPhys) {
    return STATUS_ADDR.of(statusPhys >>> 2);
  }
}
