package org.iommu4j.vfio.type1;

import java.util.Objects;
import org.iommu4j.base.Errno;
import org.iommu4j.vfio.process.UserProcess;
import org.iommu4j.vfio.uapi.DirtyBitmap;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.UnmapResult;
import org.jspecify.annotations.Nullable;

/**
 * Unmaps ranges. Guarded by the lock of its {@link Type1Iommu}.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_unmap}.
 */
final class DmaUnmapper {
  /** How often a driver is told anew that its pages are to be unpinned. */
  private static final int MOST_RETRIES = 10;

  private final Type1State state;
  private final DmaRemover remover;
  private final DirtyTracker tracker;

  DmaUnmapper(Type1State state, DmaRemover remover, DirtyTracker tracker) {
    this.state = state;
    this.remover = remover;
    this.tracker = tracker;
  }

  /** An unmapping that may stop for drivers to unpin pages. Not thread-safe. */
  static final class Progress {
    private long unmappedBytes;
    private int retries;
    private @Nullable DmaEntry pinned;

    /** Returns the mapping whose pages drivers are to unpin. */
    DmaEntry pinned() {
      return Objects.requireNonNull(pinned);
    }

    private void stopAt(DmaEntry mapping) {
      retries = mapping == pinned ? retries + 1 : 0;
      pinned = mapping;
      if (retries > MOST_RETRIES) {
        throw new IllegalStateException(
            String.format(
                "the pages of the mapping at 0x%x are still pinned, though their driver was told"
                    + " %d times, where the kernel stops at an assertion",
                mapping.iova(), retries));
      }
    }
  }

  /**
   * Unmaps up to a mapping of which drivers have pages pinned.
   *
   * <p>Source: {@code vfio_iommu_type1_unmap_dma}.
   *
   * @return the result, or null if it has to go on once those are unpinned
   */
  @Nullable UnmapResult unmap(UserProcess caller, DmaUnmap request, Progress progress) {
    int error = checkForm(request);
    if (error == 0) {
      error = checkRange(request);
    }
    if (error != 0) {
      return new UnmapResult(error, 0);
    }
    return has(request, DmaUnmap.VADDR)
        ? invalidate(request)
        : unmapRange(caller, request, progress);
  }

  private int checkForm(DmaUnmap request) {
    boolean wantsDirty = has(request, DmaUnmap.GET_DIRTY_BITMAP);
    int least = DmaUnmap.SIZE_BYTES + (wantsDirty ? DirtyBitmap.SIZE_BYTES : 0);
    int known =
        DmaUnmap.GET_DIRTY_BITMAP
            | (state.rules.takesAll() ? DmaUnmap.ALL : 0)
            | (state.rules.movesMemory() ? DmaUnmap.VADDR : 0);
    if ((request.flags() & ~known) != 0
        || (wantsDirty && request.flags() != DmaUnmap.GET_DIRTY_BITMAP)
        || Integer.compareUnsigned(request.argszBytes(), least) < 0) {
      return Errno.EINVAL;
    }
    if (!wantsDirty) {
      return 0;
    }
    DirtyBitmap bitmap = request.bitmap();
    return bitmap == null ? Errno.EFAULT : DirtyTracker.checkSize(bitmap, request.sizeBytes());
  }

  private static boolean has(DmaUnmap request, int flag) {
    return (request.flags() & flag) != 0;
  }

  /** Returns how much is unmapped at most: for all of the space one byte is missing. */
  private static long sizeBytes(DmaUnmap request) {
    return has(request, DmaUnmap.ALL) ? -1 : request.sizeBytes();
  }

  private int checkRange(DmaUnmap request) {
    if (has(request, DmaUnmap.ALL)) {
      return request.iova() == 0 && request.sizeBytes() == 0 ? 0 : Errno.EINVAL;
    }
    long iova = request.iova();
    long size = request.sizeBytes();
    long pageBytes = state.pageBytes();
    if (((iova | size) & pageBytes - 1) != 0 || size == 0 || DmaMapper.wraps(iova, size)) {
      return Errno.EINVAL;
    }
    DirtyBitmap bitmap = wanted(request);
    if (bitmap != null && (!state.tracksDirty || bitmap.pageBytes() != pageBytes)) {
      return Errno.EINVAL;
    }
    return state.v2 && tracker.cuts(iova, size) ? Errno.EINVAL : 0;
  }

  private static @Nullable DirtyBitmap wanted(DmaUnmap request) {
    return has(request, DmaUnmap.GET_DIRTY_BITMAP) ? request.bitmap() : null;
  }

  /**
   * Makes the addresses in the process of a range's mappings invalid: of all of them, or of none if
   * that of one is so already.
   */
  private UnmapResult invalidate(DmaUnmap request) {
    long end = request.iova() + sizeBytes(request);
    long bytes = 0;
    DmaEntry first = state.mappings.findFirst(request.iova(), sizeBytes(request));
    for (DmaEntry mapping = first;
        mapping != null
            && Long.compareUnsigned(mapping.iova(), end) < 0
            && !isCutInVersion1(mapping, request);
        mapping = next(mapping)) {
      if (!mapping.isValid()) {
        revalidate(first, mapping);
        return new UnmapResult(Errno.EINVAL, 0);
      }
      mapping.setValid(false);
      state.invalidMappings++;
      bytes += mapping.sizeBytes();
    }
    return new UnmapResult(0, bytes);
  }

  private void revalidate(@Nullable DmaEntry first, DmaEntry end) {
    for (DmaEntry mapping = first; mapping != null && mapping != end; mapping = next(mapping)) {
      mapping.setValid(true);
      state.invalidMappings--;
    }
  }

  private @Nullable DmaEntry next(DmaEntry mapping) {
    return state.mappings.next(mapping);
  }

  private @Nullable UnmapResult unmapRange(
      UserProcess caller, DmaUnmap request, Progress progress) {
    DirtyBitmap bitmap = wanted(request);
    for (DmaEntry mapping = next(caller, request);
        mapping != null;
        mapping = next(caller, request)) {
      if (!mapping.pins().isEmpty()) {
        progress.stopAt(mapping);
        return null;
      }
      if (bitmap != null) {
        int error = tracker.report(mapping, request.iova(), bitmap);
        if (error != 0) {
          return new UnmapResult(error, 0);
        }
      }
      progress.unmappedBytes += mapping.sizeBytes();
      remover.remove(mapping);
    }
    return new UnmapResult(0, progress.unmappedBytes);
  }

  /**
   * Returns the next mapping to go, or null at the end, which version 1 also comes to at a mapping
   * that begins before the range, and both at another process's in a release that spares it.
   */
  private @Nullable DmaEntry next(UserProcess caller, DmaUnmap request) {
    long size = sizeBytes(request);
    DmaEntry mapping =
        state.rules.inOrder()
            ? state.mappings.findFirst(request.iova(), size)
            : state.mappings.find(request.iova(), size);
    if (mapping == null
        || isCutInVersion1(mapping, request)
        || (state.rules.ownOnly() && !isOwn(mapping, caller))) {
      return null;
    }
    return mapping;
  }

  private boolean isCutInVersion1(DmaEntry mapping, DmaUnmap request) {
    return !state.v2 && Long.compareUnsigned(request.iova(), mapping.iova()) > 0;
  }

  private static boolean isOwn(DmaEntry mapping, UserProcess caller) {
    return !mapping.process().hasExited() && mapping.process().memory() == caller.memory();
  }
}
