package org.iommu4j.vtd.hw.qemu;

/**
 * A machine with 512 MiB of memory, a remapping unit and one DMA master, function 00:04.0, that has
 * a buffer of 4 KiB. Two kinds of it are driven alike and observed alike.
 */
interface Bench extends AutoCloseable {
  int SOURCE = 4 << 3;

  long readMemory64(long phys);

  void writeMemory64(long phys, long value);

  int readRegister32(int offset);

  long readRegister64(int offset);

  void writeRegister32(int offset, int value);

  void writeRegister64(int offset, long value);

  /**
   * Reads the status register, the fault record's two words, clears the record, and reads the
   * status again, in one go: { status, high, low, status }.
   */
  long[] takeFault(int recordOffset);

  /** The device fills a part of its buffer from memory, by one request within one page. */
  void deviceRead(long iova, int bufferOffset, int lengthBytes);

  /** The device writes a part of its buffer to memory, by one request within one page. */
  void deviceWrite(long iova, int bufferOffset, int lengthBytes);

  /** Returns the CRC-32 of memory. */
  long checksum(long phys, int lengthBytes);

  @Override
  void close();
}
