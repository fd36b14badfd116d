package org.iommu4j.dma;

import org.jspecify.annotations.Nullable;

/**
 * A device as the master of its bus: reads and writes memory at I/O addresses, through whatever
 * stands between, which is remapping hardware or nothing.
 *
 * <p>Implementations must be thread-safe, and must answer an access that is refused with a {@link
 * BusError} and not with an exception.
 */
public interface BusMaster {
  /**
   * The device reads memory.
   *
   * @param iova the address that it puts on the bus
   * @param into where the bytes go, from {@code offset} on
   * @return null when all bytes were read, or what ended it; bytes before that were read
   */
  @Nullable BusError read(long iova, byte[] into, int offset, int lengthBytes);

  /**
   * The device writes memory.
   *
   * @param iova the address that it puts on the bus
   * @param from where the bytes are, from {@code offset} on
   * @return null when all bytes were written, or what ended it; bytes before that were written
   */
  @Nullable BusError write(long iova, byte[] from, int offset, int lengthBytes);

  /**
   * Makes several accesses that follow each other faster than a processor takes interrupts: what is
   * told of them, such as faults, is told after the last.
   *
   * @param accesses calls {@link #read} and {@link #write}
   */
  default void burst(Runnable accesses) {
    accesses.run();
  }

  /** Returns a device with nothing between it and memory. */
  static BusMaster direct(PhysicalMemory memory) {
    return new DirectBusMaster(memory);
  }
}
