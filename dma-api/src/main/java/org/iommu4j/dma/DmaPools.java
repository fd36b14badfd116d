package org.iommu4j.dma;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.iommu4j.dma.DispatchRules.FreeBlocks;
import org.jspecify.annotations.Nullable;

/**
 * The pools of small coherent blocks that the drivers of one system have made.
 *
 * <p>Thread-safe. The pools' lock is taken before that of a pool.
 *
 * <p>Source: {@code mm/dmapool.c}.
 */
public final class DmaPools {
  private static final int MAX_NAME = 31;
  private static final long LEAST_PAGEWISE_BYTES = 4;
  private static final long LEAST_LISTED_BYTES = 16;

  private final DmaMapping dma;
  private final PhysicalMemory memory;
  private final DeviceLog log;
  private final boolean clearsOnAlloc;
  private final boolean listsBlocks;

  @GuardedBy("this") private final Map<Device, List<DmaPool>> poolsByDevice = new HashMap<>();

  /**
   * Makes a place for pools.
   *
   * @param freeBlocks how they keep what is free
   * @param clearsOnAlloc whether the kernel clears all that it allocates ({@code
   *     CONFIG_INIT_ON_ALLOC_DEFAULT_ON}), as Debian's does
   */
  public DmaPools(
      FreeBlocks freeBlocks,
      DmaMapping dma,
      PhysicalMemory memory,
      DeviceLog log,
      boolean clearsOnAlloc) {
    this.listsBlocks = freeBlocks == FreeBlocks.LISTED;
    this.dma = Objects.requireNonNull(dma, "dma");
    this.memory = Objects.requireNonNull(memory, "memory");
    this.log = Objects.requireNonNull(log, "log");
    this.clearsOnAlloc = clearsOnAlloc;
  }

  /**
   * Makes a pool for a device; no memory is allocated yet.
   *
   * <p>Source: {@code mm/dmapool.c:dma_pool_create}.
   *
   * @param name for people; what is beyond 31 characters is cut off
   * @param sizeBytes the size of a block, rounded up to the alignment and to at least 4 or, by
   *     release, 16; {@link IllegalArgumentException} if that makes 2^63 or more. Of more than 4
   *     MiB no block can be had; with one list of free blocks no pool either from 2 GiB on
   * @param alignBytes the alignment of blocks within their memory: a power of two; 0 stands for 1
   * @param boundaryBytes no block crosses a multiple of it: a power of two, at least the rounded
   *     size; 0 for none. From 4 GiB on {@link DmaPool#alloc} may throw
   * @return the pool, or null if it cannot be made so
   */
  public @Nullable DmaPool create(
      String name, Device device, long sizeBytes, long alignBytes, long boundaryBytes) {
    checkNotNegative(sizeBytes, alignBytes, boundaryBytes);
    long align = Math.max(alignBytes, 1);
    if (!isPowerOfTwo(align) || sizeBytes == 0 || (listsBlocks && sizeBytes > Integer.MAX_VALUE)) {
      return null;
    }
    long least = listsBlocks ? LEAST_LISTED_BYTES : LEAST_PAGEWISE_BYTES;
    long size = Math.max(sizeBytes, least) + align - 1 & -align;
    if (size < 0) {
      throw new IllegalArgumentException(
          String.format("a block of 0x%x bytes, rounded up, is 2^63 or more", sizeBytes));
    }
    if (boundaryBytes != 0 && (boundaryBytes < size || !isPowerOfTwo(boundaryBytes))) {
      return null;
    }
    DmaPool pool = pool(device, shape(name, size, boundaryBytes));
    synchronized (this) {
      poolsByDevice.computeIfAbsent(device, unused -> new ArrayList<>()).add(0, pool);
    }
    return pool;
  }

  private DmaPool.Shape shape(String name, long size, long boundaryBytes) {
    long allocation = Math.max(size, PAGE_BYTES);
    long boundary = boundaryBytes == 0 ? allocation : boundaryBytes;
    return new DmaPool.Shape(
        name.substring(0, Math.min(name.length(), MAX_NAME)),
        size,
        allocation,
        listsBlocks ? Math.min(boundary, allocation) : boundary);
  }

  private DmaPool pool(Device device, DmaPool.Shape shape) {
    return listsBlocks
        ? new ListedDmaPool(this, device, shape)
        : new PagewiseDmaPool(this, device, shape);
  }

  private static boolean isPowerOfTwo(long number) {
    return (number & number - 1) == 0;
  }

  private static void checkNotNegative(long sizeBytes, long alignBytes, long boundaryBytes) {
    if (sizeBytes < 0 || alignBytes < 0 || boundaryBytes < 0) {
      throw new IllegalArgumentException(
          String.format(
              "size %d, alignment %d, boundary %d: none may be negative",
              sizeBytes, alignBytes, boundaryBytes));
    }
  }

  /**
   * Returns what the device's file {@code pools} in sysfs shows: a heading and a line a pool, the
   * newest first, with its blocks in use, all its blocks, their size, and its pieces of memory;
   * empty if there is no pool and hence no file.
   *
   * <p>The number of all blocks is what fits, not what is handed out, where each page has a list.
   *
   * <p>Source: {@code mm/dmapool.c:show_pools}.
   */
  public synchronized List<String> show(Device device) {
    List<DmaPool> pools = poolsByDevice.getOrDefault(device, List.of());
    List<String> lines = new ArrayList<>();
    if (!pools.isEmpty()) {
      lines.add("poolinfo - 0.1");
      pools.forEach(pool -> lines.add(pool.show()));
    }
    return lines;
  }

  synchronized void remove(Device device, DmaPool pool) {
    List<DmaPool> pools = poolsByDevice.get(device);
    if (pools == null || !pools.remove(pool)) {
      throw new IllegalStateException("pool " + pool + " was destroyed before");
    }
    if (pools.isEmpty()) {
      poolsByDevice.remove(device);
    }
  }

  DmaMapping dma() {
    return dma;
  }

  PhysicalMemory memory() {
    return memory;
  }

  DeviceLog log() {
    return log;
  }

  boolean clearsOnAlloc() {
    return clearsOnAlloc;
  }
}
