package org.iommu4j.vfio.type1;

import org.iommu4j.base.Errno;
import org.iommu4j.vfio.uapi.DirtyBitmap;
import org.iommu4j.vfio.uapi.DirtyPages;
import org.jspecify.annotations.Nullable;

/**
 * Tracks which pages devices may have written. An IOMMU of this time cannot tell, so that all that
 * is mapped counts as written, or what drivers have pinned if all of them pin. Guarded by the lock
 * of its {@link Type1Iommu}.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_dirty_pages}.
 */
final class DirtyTracker {
  /** The most pages that a map of dirty pages can have: what fits a signed number of 32 bits. */
  private static final long MOST_PAGES = Integer.MAX_VALUE;

  /** The largest map of dirty pages: 256 MiB. */
  static final long MOST_BITMAP_BYTES = (MOST_PAGES + 63 & ~63L) >>> 3;

  private static final int ALL_FLAGS = DirtyPages.START | DirtyPages.STOP | DirtyPages.GET_BITMAP;

  private final Type1State state;

  DirtyTracker(Type1State state) {
    this.state = state;
  }

  static DirtyBits allClean(DmaEntry mapping, long pageBytes) {
    return new DirtyBits((int) (mapping.sizeBytes() / pageBytes));
  }

  /** Source: {@code verify_bitmap_size}, with the number of pages as the callers count them. */
  static int checkSize(DirtyBitmap bitmap, long rangeBytes) {
    long pages = rangeBytes >>> Long.numberOfTrailingZeros(bitmap.pageBytes());
    long size = bitmap.sizeBytes();
    long need = (pages + 63 & ~63L) >>> 3;
    return pages == 0
            || size == 0
            || Long.compareUnsigned(size, MOST_BITMAP_BYTES) > 0
            || Long.compareUnsigned(size, need) < 0
        ? Errno.EINVAL
        : 0;
  }

  int call(DirtyPages request) {
    if (!state.v2) {
      return Errno.EACCES;
    }
    if (Integer.compareUnsigned(request.argszBytes(), DirtyPages.SIZE_BYTES) < 0
        || (request.flags() & ~ALL_FLAGS) != 0
        || Integer.bitCount(request.flags()) != 1) {
      return Errno.EINVAL;
    }
    return switch (request.flags()) {
      case DirtyPages.START -> start();
      case DirtyPages.STOP -> stop();
      default -> bitmap(request);
    };
  }

  private int start() {
    if (!state.tracksDirty) {
      state.tracksDirty = true;
      state.mappings.forEach(
          mapping -> {
            mapping.setDirty(allClean(mapping, state.pageBytes()));
            addPinned(mapping);
          });
    }
    return 0;
  }

  private int stop() {
    state.tracksDirty = false;
    state.mappings.forEach(mapping -> mapping.setDirty(null));
    return 0;
  }

  private int bitmap(DirtyPages request) {
    int least = DirtyPages.SIZE_BYTES + DirtyPages.RANGE_BYTES;
    if (Integer.compareUnsigned(request.argszBytes(), least) < 0) {
      return Errno.EINVAL;
    }
    DirtyBitmap bitmap = request.bitmap();
    if (bitmap == null) {
      return Errno.EFAULT;
    }
    long iova = request.iova();
    long size = request.rangeBytes();
    if (Long.compareUnsigned(iova + size, iova) < 0 || checkSize(bitmap, size) != 0) {
      return Errno.EINVAL;
    }
    long pageBytes = state.pageBytes();
    if (bitmap.pageBytes() != pageBytes
        || ((iova | size) & pageBytes - 1) != 0
        || size == 0
        || !state.tracksDirty
        || cuts(iova, size)) {
      return Errno.EINVAL;
    }
    return report(iova, size, bitmap);
  }

  /** Source: {@code vfio_iova_dirty_bitmap}. */
  private int report(long iova, long sizeBytes, DirtyBitmap bitmap) {
    for (DmaEntry mapping = state.mappings.first();
        mapping != null;
        mapping = state.mappings.next(mapping)) {
      if (Long.compareUnsigned(mapping.iova(), iova) < 0) {
        continue;
      }
      if (Long.compareUnsigned(mapping.iova(), iova + sizeBytes - 1) > 0) {
        break;
      }
      int error = report(mapping, iova, bitmap);
      if (error != 0) {
        return error;
      }
      dirty(mapping).clearAll();
      addPinned(mapping);
    }
    return 0;
  }

  /** Notes the pinned pages as written. Source: {@code vfio_dma_populate_bitmap}. */
  private void addPinned(DmaEntry mapping) {
    for (long iova : mapping.pins().keySet()) {
      dirty(mapping).set((int) ((iova - mapping.iova()) / state.pageBytes()));
    }
  }

  /**
   * Reports one mapping, all of which counts as written unless all drivers tell what their devices
   * write.
   *
   * <p>Source: {@code update_user_bitmap}.
   */
  int report(DmaEntry mapping, long fromIova, DirtyBitmap bitmap) {
    DirtyBits dirty = dirty(mapping);
    if (!state.pinnedPageDirtyScope && mapping.isIommuMapped()) {
      dirty.setAll();
    }
    return dirty.copyTo(bitmap.data(), (mapping.iova() - fromIova) / state.pageBytes());
  }

  static DirtyBits dirty(DmaEntry mapping) {
    @Nullable DirtyBits dirty = mapping.dirty();
    if (dirty == null) {
      throw new AssertionError(String.format("nobody tracks 0x%x", mapping.iova()));
    }
    return dirty;
  }

  /** Returns whether an end of a range lies within a mapping. */
  boolean cuts(long iova, long sizeBytes) {
    DmaEntry atStart = state.mappings.find(iova, 1);
    if (atStart != null && atStart.iova() != iova) {
      return true;
    }
    DmaEntry atEnd = state.mappings.find(iova + sizeBytes - 1, 0);
    return atEnd != null && atEnd.endIova() != iova + sizeBytes;
  }
}
