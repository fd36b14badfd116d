package org.iommu4j.testkit.invariants;

import java.util.Arrays;
import org.iommu4j.dma.DmaDirection;

/**
 * A buffer that is mapped, and what the device has to find in it. Not thread-safe.
 *
 * <p>Of a byte that only the device may write, and has not written, nothing is promised.
 */
final class StreamedBuffer {
  private final int offset;
  private final int sizeBytes;
  private final DmaDirection direction;
  private final long dmaAddr;
  private final byte[] deviceBytes;
  private final boolean[] known;

  /**
   * Notes a mapping.
   *
   * @param offset where it begins in the model's memory
   * @param bytes what the CPU had there
   */
  StreamedBuffer(int offset, byte[] bytes, DmaDirection direction, long dmaAddr) {
    this.offset = offset;
    this.sizeBytes = bytes.length;
    this.direction = direction;
    this.dmaAddr = dmaAddr;
    this.deviceBytes = bytes.clone();
    this.known = new boolean[bytes.length];
    if (direction.deviceReads()) {
      Arrays.fill(known, true);
    }
  }

  int offset() {
    return offset;
  }

  int sizeBytes() {
    return sizeBytes;
  }

  DmaDirection direction() {
    return direction;
  }

  long dmaAddr() {
    return dmaAddr;
  }

  boolean overlaps(int otherOffset, int otherBytes) {
    return offset < otherOffset + otherBytes && otherOffset < offset + sizeBytes;
  }

  boolean isKnown(int at) {
    return known[at];
  }

  byte deviceByte(int at) {
    return deviceBytes[at];
  }

  /** Notes that from here on the device has to find these bytes. */
  void put(int from, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      deviceBytes[from + i] = bytes[i];
      known[from + i] = true;
    }
  }
}
