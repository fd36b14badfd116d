package org.iommu4j.dma;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool each of whose pages has a list of free blocks: what was allocated last is looked at first,
 * and of its blocks the one that was freed last is given out first. <em>The last block that would
 * end just at a boundary is never given out</em>, that of the page included: a page has 63 blocks
 * of 64 bytes, and one of 2048.
 *
 * <p>The list of free blocks lies in the blocks, as in the kernel: the first four bytes of each
 * hold the offset of the next.
 *
 * <p>Source: {@code mm/dmapool.c:pool_initialise_page}, {@code pool_find_page}.
 */
final class PagewiseDmaPool extends DmaPool {
  @GuardedBy("this") private final List<PoolPage> pages = new ArrayList<>();

  PagewiseDmaPool(DmaPools pools, Device device, Shape shape) {
    super(pools, device, shape);
  }

  @Override
  @GuardedBy("this") @Nullable CoherentBuffer take() {
    for (PoolPage page : pages) {
      if (page.hasFreeBlock()) {
        return blockAt(page.buffer(), page.take());
      }
    }
    CoherentBuffer buffer = allocMemory();
    if (buffer == null) {
      return null;
    }
    PoolPage page = new PoolPage(pools().memory(), buffer, shape());
    pages.add(0, page);
    return blockAt(buffer, page.take());
  }

  @Override
  @GuardedBy("this") boolean put(CoherentBuffer block) {
    for (PoolPage page : pages) {
      if (page.contains(block.dmaAddr())) {
        page.put(block);
        return true;
      }
    }
    return false;
  }

  @Override
  @GuardedBy("this")
  void freeAll() {
    for (PoolPage page : pages) {
      if (page.inUse() == 0) {
        freeMemory(page.buffer());
      } else {
        log(String.format("dma_pool_destroy %s, %016x busy", shape().name(), page.buffer().phys()));
      }
    }
    pages.clear();
  }

  @Override
  @GuardedBy("this") int blocksInUse() {
    return pages.stream().mapToInt(PoolPage::inUse).sum();
  }

  /** Returns what fits, which is more than what is handed out. */
  @Override
  @GuardedBy("this") long blocks() {
    return pages.size() * (shape().allocationBytes() / sizeBytes());
  }

  @Override
  @GuardedBy("this") int memories() {
    return pages.size();
  }
}
