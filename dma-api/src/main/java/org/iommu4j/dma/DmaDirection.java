package org.iommu4j.dma;

/**
 * Which way data moves.
 *
 * <p>Source: {@code include/linux/dma-direction.h:enum dma_data_direction}.
 */
public enum DmaDirection {
  /** Both ways. */
  BIDIRECTIONAL(0, true, true),
  /** From memory to the device: the device reads. */
  TO_DEVICE(1, true, false),
  /** From the device to memory: the device writes. */
  FROM_DEVICE(2, false, true),
  /** Neither; no mapping is made with it. */
  NONE(3, false, false);

  private final int kernelNumber;
  private final boolean deviceReads;
  private final boolean deviceWrites;

  DmaDirection(int kernelNumber, boolean deviceReads, boolean deviceWrites) {
    this.kernelNumber = kernelNumber;
    this.deviceReads = deviceReads;
    this.deviceWrites = deviceWrites;
  }

  /** Returns the kernel's name of it, such as {@code DMA_TO_DEVICE}. */
  public String kernelName() {
    return "DMA_" + name();
  }

  /** Returns the kernel's number of it, as messages have it. */
  public int kernelNumber() {
    return kernelNumber;
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
