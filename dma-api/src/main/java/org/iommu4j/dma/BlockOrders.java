package org.iommu4j.dma;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.jspecify.annotations.Nullable;

/**
 * Which blocks of frames are in use, and of which order: a byte for each frame, in chunks that are
 * made when they are first needed and kept. Not thread-safe.
 */
final class BlockOrders {
  /** What stands for a frame that no block in use begins with. */
  static final int NONE = -1;

  private static final int CHUNK_BITS = 15;
  private static final int GROUP_BITS = 12;
  private static final int GROUPS_BITS =
      PhysicalMemory.ADDRESS_BITS - PAGE_SHIFT - GROUP_BITS - CHUNK_BITS;
  private static final int CHUNK_MASK = (1 << CHUNK_BITS) - 1;
  private static final int GROUP_MASK = (1 << GROUP_BITS) - 1;

  // A block's order plus one, so that a new chunk has no blocks.
  private final byte[] @Nullable [] @Nullable [] groups =
      new byte[1 << GROUPS_BITS] @Nullable [] @Nullable [];

  /** Notes a block of 2^order frames, of which {@code pfn} is the first. */
  void put(long pfn, int order) {
    int index = (int) (pfn >>> (CHUNK_BITS + GROUP_BITS));
    byte[] @Nullable [] group = groups[index];
    if (group == null) {
      group = new byte[1 << GROUP_BITS] @Nullable [];
      groups[index] = group;
    }
    byte[] chunk = group[chunkOf(pfn)];
    if (chunk == null) {
      chunk = new byte[1 << CHUNK_BITS];
      group[chunkOf(pfn)] = chunk;
    }
    chunk[(int) pfn & CHUNK_MASK] = (byte) (order + 1);
  }

  /** Forgets the block that begins with a frame; returns its order, or {@link #NONE}. */
  int remove(long pfn) {
    if (pfn >>> (CHUNK_BITS + GROUP_BITS + GROUPS_BITS) != 0) {
      return NONE;
    }
    byte[] @Nullable [] group = groups[(int) (pfn >>> (CHUNK_BITS + GROUP_BITS))];
    byte[] chunk = group == null ? null : group[chunkOf(pfn)];
    if (chunk == null) {
      return NONE;
    }
    int order = chunk[(int) pfn & CHUNK_MASK] - 1;
    chunk[(int) pfn & CHUNK_MASK] = 0;
    return order;
  }

  private static int chunkOf(long pfn) {
    return (int) (pfn >>> CHUNK_BITS) & GROUP_MASK;
  }
}
