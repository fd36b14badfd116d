package org.iommu4j.dma;

import static java.util.Objects.checkIndex;

import java.util.Arrays;
import org.iommu4j.base.Pages;

/**
 * A list of buffer pieces that is mapped in one call.
 *
 * <p>Each entry has a page, an offset (which may be beyond the first 4 KiB) and a length, and after
 * mapping an I/O address and an I/O length. The list is reusable: {@link #clear} forgets its
 * entries and keeps its space. Not thread-safe.
 *
 * <p>Source: {@code include/linux/scatterlist.h:struct scatterlist}.
 */
public final class ScatterList {
  private long[] pagePhys;
  private int[] offsetBytes;
  private int[] lengthBytes;
  private long[] dmaAddr;
  private int[] dmaLengthBytes;
  private int size;

  /** Makes an empty list with room for some entries; it grows as needed. */
  public ScatterList(int capacity) {
    if (capacity < 0) {
      throw new IllegalArgumentException("capacity " + capacity + " is negative");
    }
    pagePhys = new long[capacity];
    offsetBytes = new int[capacity];
    lengthBytes = new int[capacity];
    dmaAddr = new long[capacity];
    dmaLengthBytes = new int[capacity];
  }

  /**
   * Appends a piece of memory.
   *
   * @param page the physical address of its page, a multiple of 4096
   * @param offset where it begins, in bytes from the page's start
   * @param length its length in bytes
   */
  public void add(long page, int offset, int length) {
    if (!Pages.isAligned(page) || offset < 0 || length < 0) {
      throw new IllegalArgumentException(
          String.format(
              "page 0x%x, offset %d, length %d is no piece of memory", page, offset, length));
    }
    if (size == pagePhys.length) {
      grow();
    }
    pagePhys[size] = page;
    offsetBytes[size] = offset;
    lengthBytes[size] = length;
    dmaAddr[size] = 0;
    dmaLengthBytes[size] = 0;
    size++;
  }

  private void grow() {
    int capacity = Math.max(8, size * 2);
    pagePhys = Arrays.copyOf(pagePhys, capacity);
    offsetBytes = Arrays.copyOf(offsetBytes, capacity);
    lengthBytes = Arrays.copyOf(lengthBytes, capacity);
    dmaAddr = Arrays.copyOf(dmaAddr, capacity);
    dmaLengthBytes = Arrays.copyOf(dmaLengthBytes, capacity);
  }

  /** Forgets all entries. */
  public void clear() {
    size = 0;
  }

  /** Returns how many entries there are. */
  public int size() {
    return size;
  }

  /** Returns the physical address of an entry's page. */
  public long pagePhys(int index) {
    return pagePhys[checkIndex(index, size)];
  }

  /** Returns an entry's offset from its page, in bytes. */
  public int offsetBytes(int index) {
    return offsetBytes[checkIndex(index, size)];
  }

  /** Returns an entry's length, in bytes. */
  public int lengthBytes(int index) {
    return lengthBytes[checkIndex(index, size)];
  }

  /** Returns the physical address of an entry's first byte. */
  public long phys(int index) {
    return pagePhys[checkIndex(index, size)] + offsetBytes[index];
  }

  /** Returns the I/O address that an entry was mapped to. */
  public long dmaAddr(int index) {
    return dmaAddr[checkIndex(index, size)];
  }

  /** Returns the length that an entry has for the device, in bytes. */
  public int dmaLengthBytes(int index) {
    return dmaLengthBytes[checkIndex(index, size)];
  }

  /** Notes where an entry was mapped; called by {@link DmaOps}. */
  public void setDma(int index, long address, int length) {
    dmaAddr[checkIndex(index, size)] = address;
    dmaLengthBytes[index] = length;
  }
}
