package org.iommu4j.vfio.type1;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of a container by I/O address. Guarded by the lock of its {@link Type1Iommu}.
 *
 * <p>Sums of addresses wrap as the kernel's do, and are then compared as they are.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_find_dma}, {@code vfio_link_dma}.
 */
final class DmaList {
  private final RedBlackTree<DmaEntry> tree = new RedBlackTree<>();

  /** Returns a mapping that overlaps a range: the one nearest to the root. */
  @Nullable DmaEntry find(long iova, long sizeBytes) {
    DmaEntry entry = tree.root();
    while (entry != null) {
      if (Long.compareUnsigned(iova + sizeBytes, entry.iova()) <= 0) {
        entry = tree.left(entry);
      } else if (Long.compareUnsigned(iova, entry.endIova()) >= 0) {
        entry = tree.right(entry);
      } else {
        return entry;
      }
    }
    return null;
  }

  /**
   * Returns the lowest mapping that overlaps a range.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_find_dma_first_node} of 6.1.
   */
  @Nullable DmaEntry findFirst(long iova, long sizeBytes) {
    DmaEntry lowest = null;
    DmaEntry entry = tree.root();
    while (entry != null) {
      if (Long.compareUnsigned(iova, entry.endIova()) < 0) {
        lowest = entry;
        if (Long.compareUnsigned(iova, entry.iova()) >= 0) {
          break;
        }
        entry = tree.left(entry);
      } else {
        entry = tree.right(entry);
      }
    }
    return lowest != null && Long.compareUnsigned(lowest.iova(), iova + sizeBytes) < 0
        ? lowest
        : null;
  }

  void link(DmaEntry added) {
    DmaEntry under = null;
    DmaEntry entry = tree.root();
    boolean onLeft = false;
    while (entry != null) {
      under = entry;
      onLeft = Long.compareUnsigned(added.endIova(), entry.iova()) <= 0;
      entry = onLeft ? tree.left(entry) : tree.right(entry);
    }
    tree.link(added, under, onLeft);
  }

  void unlink(DmaEntry entry) {
    tree.unlink(entry);
  }

  @Nullable DmaEntry first() {
    return tree.first();
  }

  @Nullable DmaEntry next(DmaEntry entry) {
    return tree.next(entry);
  }

  /** Shows all mappings in the order of their addresses. */
  void forEach(Consumer<DmaEntry> visitor) {
    for (DmaEntry entry = tree.first(); entry != null; entry = tree.next(entry)) {
      visitor.accept(entry);
    }
  }
}
