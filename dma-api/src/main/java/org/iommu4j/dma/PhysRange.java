package org.iommu4j.dma;

import com.google.errorprone.annotations.Immutable;

/**
 * A range of physical addresses, half-open.
 *
 * <p>Immutable. Ordered and compared as unsigned numbers of at most {@link
 * PhysicalMemory#ADDRESS_BITS} bits.
 *
 * @param startPhys the first byte's address
 * @param endPhys the address after the last byte; not below {@code startPhys}
 */
@Immutable
public record PhysRange(long startPhys, long endPhys) {
  /**
   * Checks the bounds; throws {@link IllegalArgumentException} where the end lies before the start
   * or beyond the address space.
   */
  public PhysRange {
    if (startPhys < 0 || endPhys < startPhys || endPhys > 1L << PhysicalMemory.ADDRESS_BITS) {
      throw new IllegalArgumentException(
          String.format("[0x%x, 0x%x) is no range of physical addresses", startPhys, endPhys));
    }
  }

  /** Returns the number of bytes in the range. */
  public long lengthBytes() {
    return endPhys - startPhys;
  }

  /** Returns whether the byte at {@code phys} lies in the range. */
  public boolean contains(long phys) {
    return phys >= startPhys && phys < endPhys;
  }

  @Override
  public String toString() {
    return String.format("[0x%x, 0x%x)", startPhys, endPhys);
  }
}
