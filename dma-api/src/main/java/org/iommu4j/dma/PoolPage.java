package org.iommu4j.dma;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * One piece of coherent memory that a pool has cut into blocks. Guarded by its pool's lock.
 *
 * <p>Source: {@code mm/dmapool.c:struct dma_page}.
 */
final class PoolPage {
  private final PhysicalMemory memory;
  private final CoherentBuffer buffer;
  private final DmaPool.Shape shape;
  private final BitSet freeOffsets = new BitSet();
  private int firstFree;
  private int inUse;

  PoolPage(PhysicalMemory memory, CoherentBuffer buffer, DmaPool.Shape shape) {
    this.memory = memory;
    this.buffer = buffer;
    this.shape = shape;
    cut();
  }

  /** Source: {@code mm/dmapool.c:pool_initialise_page}. */
  private void cut() {
    // The kernel keeps it in 32 bits, so that the next block is the first one again, for ever.
    if ((int) shape.boundaryBytes() == 0) {
      throw new IllegalStateException(
          String.format(
              "boundaries of 0x%x bytes in the pool %s", shape.boundaryBytes(), shape.name()));
    }
    int offset = 0;
    long nextBoundary = shape.boundaryBytes();
    do {
      freeOffsets.set(offset);
      long next = (long) offset + shape.sizeBytes();
      // A block that ends at the boundary counts as one that crosses it.
      if (next + shape.sizeBytes() >= nextBoundary) {
        next = nextBoundary;
        nextBoundary += shape.boundaryBytes();
      }
      setNext(offset, Math.toIntExact(next));
      offset = Math.toIntExact(next);
    } while (offset < shape.allocationBytes());
  }

  // Blocks need not be aligned to four bytes, words of memory must be.
  private int next(int offset) {
    byte[] bytes = new byte[Integer.BYTES];
    memory.read(buffer.phys() + offset, bytes, 0, bytes.length);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private void setNext(int offset, int next) {
    byte[] bytes = new byte[Integer.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(next);
    memory.write(buffer.phys() + offset, bytes, 0, bytes.length);
  }

  CoherentBuffer buffer() {
    return buffer;
  }

  int inUse() {
    return inUse;
  }

  // The kernel compares as unsigned numbers.
  boolean hasFreeBlock() {
    return Long.compareUnsigned(firstFree & 0xffff_ffffL, shape.allocationBytes()) < 0;
  }

  boolean contains(long dmaAddr) {
    return Long.compareUnsigned(dmaAddr - buffer.dmaAddr(), shape.allocationBytes()) < 0;
  }

  /** Takes a block; returns where it begins. */
  int take() {
    int offset = firstFree;
    if (!freeOffsets.get(offset)) {
      throw new IllegalStateException(
          String.format(
              "a free block of the pool %s at 0x%x was written to: it names 0x%x as the next",
              shape.name(), buffer.phys(), offset));
    }
    freeOffsets.clear(offset);
    firstFree = next(offset);
    inUse++;
    return offset;
  }

  void put(CoherentBuffer block) {
    int offset = (int) (block.dmaAddr() - buffer.dmaAddr());
    if (block.phys() - buffer.phys() != offset) {
      throw new IllegalArgumentException(
          String.format(
              "0x%x is not the memory behind 0x%x in the pool %s",
              block.phys(), block.dmaAddr(), shape.name()));
    }
    if (freeOffsets.get(offset)) {
      throw new IllegalArgumentException(
          String.format("0x%x of the pool %s is free already", block.dmaAddr(), shape.name()));
    }
    freeOffsets.set(offset);
    inUse--;
    setNext(offset, firstFree);
    firstFree = offset;
  }
}
