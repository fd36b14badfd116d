package org.iommu4j.dma;

import java.util.List;

/**
 * Memory that CPU and device share until it is freed. Immutable.
 *
 * @param phys the physical address of its first byte
 * @param dmaAddr its address for the device
 * @param sizeBytes the size that was asked for
 * @param pieces what it consists of in the order of its addresses for the device, the last piece
 *     rounded up to frames; empty if it is one run of memory
 */
public record CoherentBuffer(long phys, long dmaAddr, long sizeBytes, List<PhysRange> pieces) {
  /** Copies the list. */
  public CoherentBuffer {
    pieces = List.copyOf(pieces);
  }

  /** Makes a buffer that is one run of memory. */
  public CoherentBuffer(long phys, long dmaAddr, long sizeBytes) {
    this(phys, dmaAddr, sizeBytes, List.of());
  }

  /**
   * Returns the physical address of a byte.
   *
   * @param offsetBytes which byte, less than the size
   */
  public long physAt(long offsetBytes) {
    long left = offsetBytes;
    for (PhysRange piece : pieces) {
      if (left < piece.lengthBytes()) {
        return piece.startPhys() + left;
      }
      left -= piece.lengthBytes();
    }
    return phys + offsetBytes;
  }
}
