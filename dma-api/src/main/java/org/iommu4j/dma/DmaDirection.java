package org.iommu4j.dma;

/**
 * Which way data moves.
 *
 * <p>Source: {@code include/linux/dma-direction.h:enum dma_data_direction}.
 */
public enum DmaDirection {
  /** Both ways. */
  BIDIRECTIONAL(true, true),
  /** From memory to the device: the device reads. */
  TO_DEVICE(true, false),
  /** From the device to memory: the device writes. */
  FROM_DEVICE(false, true),
  /** Neither; no mapping is made with it. */
  NONE(false, false);

  private final boolean deviceReads;
  private final boolean deviceWrites;

  DmaDirection(boolean deviceReads, boolean deviceWrites) {
    this.deviceReads = deviceReads;
    this.deviceWrites = deviceWrites;
  }

  /** Returns whether the device reads memory. */
  public boolean deviceReads() {
    return deviceReads;
  }

  /** Returns whether the device writes memory. */
  public boolean deviceWrites() {
    return deviceWrites;
  }
}
