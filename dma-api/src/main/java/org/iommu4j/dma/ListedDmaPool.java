package org.iommu4j.dma;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool with one list of free blocks, whatever memory they are cut from: what was freed last is
 * handed out first.
 *
 * <p>The kernel keeps the list in the blocks; what of it a device finds there are the kernel's own
 * addresses, and none is here.
 *
 * <p>Source: {@code mm/dmapool.c:pool_block_pop}, {@code pool_block_push}.
 */
final class ListedDmaPool extends DmaPool {
  @GuardedBy("this") private final List<CoherentBuffer> memories = new ArrayList<>();

  @GuardedBy("this") private final Deque<CoherentBuffer> free = new ArrayDeque<>();

  @GuardedBy("this") private int blocks;

  @GuardedBy("this") private int inUse;

  ListedDmaPool(DmaPools pools, Device device, Shape shape) {
    super(pools, device, shape);
  }

  @Override
  @GuardedBy("this") @Nullable CoherentBuffer take() {
    if (free.isEmpty()) {
      CoherentBuffer memory = allocMemory();
      if (memory == null) {
        return null;
      }
      cut(memory);
    }
    inUse++;
    return free.removeFirst();
  }

  /** Source: {@code mm/dmapool.c:pool_initialise_page}. */
  @GuardedBy("this") private void cut(CoherentBuffer memory) {
    memories.add(memory);
    long nextBoundary = shape().boundaryBytes();
    long offset = 0;
    while (offset + sizeBytes() <= shape().allocationBytes()) {
      if (offset + sizeBytes() > nextBoundary) {
        offset = nextBoundary;
        nextBoundary += shape().boundaryBytes();
      } else {
        free.addLast(blockAt(memory, (int) offset));
        blocks++;
        offset += sizeBytes();
      }
    }
  }

  @Override
  @GuardedBy("this") boolean put(CoherentBuffer block) {
    if (free.stream().anyMatch(other -> other.phys() == block.phys())) {
      throw new IllegalArgumentException(
          String.format("0x%x of the pool %s is free already", block.dmaAddr(), shape().name()));
    }
    free.addFirst(block);
    inUse--;
    return true;
  }

  @Override
  @GuardedBy("this")
  void freeAll() {
    if (inUse != 0) {
      log("dma_pool_destroy " + shape().name() + " busy");
    } else {
      // What was allocated last is the first of the kernel's list.
      for (int i = memories.size() - 1; i >= 0; i--) {
        freeMemory(memories.get(i));
      }
    }
    memories.clear();
    free.clear();
  }

  @Override
  @GuardedBy("this") int blocksInUse() {
    return inUse;
  }

  @Override
  @GuardedBy("this") long blocks() {
    return blocks;
  }

  @Override
  @GuardedBy("this") int memories() {
    return memories.size();
  }
}
