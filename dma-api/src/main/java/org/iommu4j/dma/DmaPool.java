package org.iommu4j.dma;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of one size that a device and its driver share, cut from coherent memory.
 *
 * <p>The pool allocates a page (or what one block takes, if that is more) when no free block is
 * left, and keeps it until the pool is destroyed. Thread-safe.
 *
 * <p>Source: {@code mm/dmapool.c}.
 */
public abstract sealed class DmaPool permits ListedDmaPool, PagewiseDmaPool {
  private final DmaPools pools;
  private final Device device;
  private final Shape shape;

  @GuardedBy("this") private boolean destroyed;

  /** The numbers of a pool, all in bytes and rounded already. */
  record Shape(String name, long sizeBytes, long allocationBytes, long boundaryBytes) {}

  DmaPool(DmaPools pools, Device device, Shape shape) {
    this.pools = pools;
    this.device = device;
    this.shape = shape;
  }

  final DmaPools pools() {
    return pools;
  }

  final Shape shape() {
    return shape;
  }

  /** Returns the size of a block in bytes, which can be more than was asked for. */
  public final long sizeBytes() {
    return shape.sizeBytes();
  }

  /**
   * Takes a block; its content is undefined where the kernel does not clear what it allocates.
   *
   * <p>Source: {@code mm/dmapool.c:dma_pool_alloc}.
   *
   * @return the block, or null if there is no memory
   * @throws IllegalStateException if the pool was destroyed; or, in releases that keep the list of
   *     free blocks by pages, if a free block was written to, or if the boundary is one of 4 GiB or
   *     more, at which the kernel cuts memory for ever
   */
  public final @Nullable CoherentBuffer alloc() {
    return alloc(false);
  }

  /** As {@link #alloc}, and the block is cleared. */
  public final @Nullable CoherentBuffer zalloc() {
    return alloc(true);
  }

  private @Nullable CoherentBuffer alloc(boolean zeroed) {
    CoherentBuffer block;
    synchronized (this) {
      checkAlive();
      block = take();
    }
    if (block != null && (zeroed || pools.clearsOnAlloc())) {
      clear(block);
    }
    return block;
  }

  private void clear(CoherentBuffer block) {
    if (block.pieces().isEmpty()) {
      pools.memory().fill(block.phys(), shape.sizeBytes(), (byte) 0);
    } else {
      for (PhysRange piece : block.pieces()) {
        pools.memory().fill(piece.startPhys(), piece.lengthBytes(), (byte) 0);
      }
    }
  }

  /** Allocates memory for more blocks; returns null if there is none. */
  final @Nullable CoherentBuffer allocMemory() {
    return pools.dma().allocCoherent(device, shape.allocationBytes(), 0);
  }

  /** Returns the block that begins so far into memory that was allocated. */
  final CoherentBuffer blockAt(CoherentBuffer memory, int offset) {
    return new CoherentBuffer(
        memory.phys() + offset,
        memory.dmaAddr() + offset,
        shape.sizeBytes(),
        // Of pieces there are several only where a block takes more than a page, alone.
        shape.allocationBytes() == shape.sizeBytes() ? memory.pieces() : List.of());
  }

  final void freeMemory(CoherentBuffer memory) {
    pools.dma().freeCoherent(device, memory, 0);
  }

  final void log(String line) {
    pools.log().print(device, line);
  }

  /** Takes a free block, of new memory if there is none; returns null if there is no memory. */
  @GuardedBy("this") abstract @Nullable CoherentBuffer take();

  /**
   * Puts a block back.
   *
   * <p>Source: {@code mm/dmapool.c:dma_pool_free}.
   *
   * @param block what {@link #alloc} returned. With another address for the device it is, by
   *     release, handed out again under that one; or, if that lies nowhere in the pool, logged and
   *     lost. {@link IllegalArgumentException} for a block that is free already, or of which the
   *     two addresses do not go together, where the kernel notices that only if it was built to,
   *     and else hands out the same bytes twice
   */
  public final void free(CoherentBuffer block) {
    synchronized (this) {
      checkAlive();
      if (put(block)) {
        return;
      }
    }
    // The kernel prints a hash of its own address of the block.
    log(
        String.format(
            "dma_pool_free %s, %016x/0x%016x (bad dma)",
            shape.name(), block.phys(), block.dmaAddr()));
  }

  /** Puts a block back; returns whether it is known. */
  @GuardedBy("this") abstract boolean put(CoherentBuffer block);

  /**
   * Frees the memory of the pool, but for what has a block in use: that is logged and lost.
   *
   * <p>Source: {@code mm/dmapool.c:dma_pool_destroy}.
   */
  public final void destroy() {
    pools.remove(device, this);
    synchronized (this) {
      destroyed = true;
      freeAll();
    }
  }

  @GuardedBy("this") abstract void freeAll();

  @GuardedBy("this") private void checkAlive() {
    if (destroyed) {
      throw new IllegalStateException("pool " + this + " was destroyed before");
    }
  }

  /** Returns its line in the device's file {@code pools}. */
  final synchronized String show() {
    return String.format(
        "%-16s %4d %4d %4d %2d",
        shape.name(), blocksInUse(), blocks(), shape.sizeBytes(), memories());
  }

  @GuardedBy("this") abstract int blocksInUse();

  @GuardedBy("this") abstract long blocks();

  @GuardedBy("this") abstract int memories();

  @Override
  public final String toString() {
    return shape.name() + " of " + device;
  }
}
