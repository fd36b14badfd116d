package org.iommu4j.dma;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of one size that a device and its driver share, cut from coherent memory.
 *
 * <p>The pool allocates a page (or what one block takes, if that is more) when no free block is
 * left, and keeps it until the pool is destroyed. What was allocated last is looked at first, and
 * of its blocks the one that was freed last is given out first. <em>The last block that would end
 * just at a boundary is never given out</em>, that of the page included: a page has 63 blocks of 64
 * bytes, and one of 2048; this is how 5.10 does it.
 *
 * <p>The list of free blocks lies in the blocks, as in the kernel: the first four bytes of each
 * hold the offset of the next. Thread-safe.
 *
 * <p>Source: {@code mm/dmapool.c}.
 */
public final class DmaPool {
  private final DmaPools pools;
  private final Device device;
  private final Shape shape;

  @GuardedBy("this") private final List<PoolPage> pages = new ArrayList<>();

  @GuardedBy("this") private boolean destroyed;

  /** The numbers of a pool, all in bytes and rounded already. */
  record Shape(String name, long sizeBytes, long allocationBytes, long boundaryBytes) {}

  DmaPool(DmaPools pools, Device device, Shape shape) {
    this.pools = pools;
    this.device = device;
    this.shape = shape;
  }

  /** Returns the size of a block in bytes, which can be more than was asked for. */
  public long sizeBytes() {
    return shape.sizeBytes();
  }

  /**
   * Takes a block; its content is undefined where the kernel does not clear what it allocates.
   *
   * <p>Source: {@code mm/dmapool.c:dma_pool_alloc}.
   *
   * @return the block, or null if there is no memory
   * @throws IllegalStateException if the pool was destroyed; if a free block was written to; or if
   *     the boundary is one of 4 GiB or more, at which the kernel cuts memory for ever
   */
  public @Nullable CoherentBuffer alloc() {
    return alloc(false);
  }

  /** As {@link #alloc}, and the block is cleared. */
  public @Nullable CoherentBuffer zalloc() {
    return alloc(true);
  }

  private @Nullable CoherentBuffer alloc(boolean zeroed) {
    CoherentBuffer block;
    synchronized (this) {
      checkAlive();
      PoolPage page = pageWithBlock();
      if (page == null) {
        return null;
      }
      block = page.take();
    }
    if (zeroed || pools.clearsOnAlloc()) {
      pools.memory().fill(block.phys(), shape.sizeBytes(), (byte) 0);
    }
    return block;
  }

  @GuardedBy("this") private @Nullable PoolPage pageWithBlock() {
    for (PoolPage page : pages) {
      if (page.hasFreeBlock()) {
        return page;
      }
    }
    CoherentBuffer buffer = pools.dma().allocCoherent(device, shape.allocationBytes(), 0);
    if (buffer == null) {
      return null;
    }
    PoolPage page = new PoolPage(pools.memory(), buffer, shape);
    pages.add(0, page);
    return page;
  }

  /**
   * Puts a block back.
   *
   * <p>Source: {@code mm/dmapool.c:dma_pool_free}.
   *
   * @param block what {@link #alloc} returned. If its address for the device lies nowhere in the
   *     pool, that is logged and nothing happens. {@link IllegalArgumentException} for a block that
   *     is free already, or of which the two addresses do not go together: the kernel notices only
   *     if it was built to, and else hands out the same bytes twice
   */
  public void free(CoherentBuffer block) {
    synchronized (this) {
      checkAlive();
      for (PoolPage page : pages) {
        if (page.contains(block.dmaAddr())) {
          page.put(block);
          return;
        }
      }
    }
    // The kernel prints a hash of its own address of the block.
    pools
        .log()
        .print(
            device,
            String.format(
                "dma_pool_free %s, %016x/0x%016x (bad dma)",
                shape.name(), block.phys(), block.dmaAddr()));
  }

  /**
   * Frees all memory of the pool, but for pieces that have a block in use: those are logged and
   * lost.
   *
   * <p>Source: {@code mm/dmapool.c:dma_pool_destroy}.
   */
  public void destroy() {
    pools.remove(device, this);
    synchronized (this) {
      destroyed = true;
      for (PoolPage page : pages) {
        if (page.inUse() != 0) {
          pools
              .log()
              .print(
                  device,
                  String.format(
                      "dma_pool_destroy %s, %016x busy", shape.name(), page.buffer().phys()));
        } else {
          pools.dma().freeCoherent(device, page.buffer(), 0);
        }
      }
      pages.clear();
    }
  }

  @GuardedBy("this") private void checkAlive() {
    if (destroyed) {
      throw new IllegalStateException("pool " + this + " was destroyed before");
    }
  }

  synchronized String show() {
    int inUse = pages.stream().mapToInt(PoolPage::inUse).sum();
    long all = pages.size() * (shape.allocationBytes() / shape.sizeBytes());
    return String.format(
        "%-16s %4d %4d %4d %2d", shape.name(), inUse, all, shape.sizeBytes(), pages.size());
  }

  @Override
  public String toString() {
    return shape.name() + " of " + device;
  }
}
