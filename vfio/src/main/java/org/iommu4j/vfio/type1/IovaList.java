package org.iommu4j.vfio.type1;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.vfio.uapi.IovaRange;

/**
 * The I/O addresses that may be mapped in a container: what all of its domains reach, without what
 * is reserved for a device. Not thread-safe.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:struct vfio_iova}.
 */
final class IovaList {
  private final List<IovaRange> ranges;

  IovaList() {
    this(List.of());
  }

  private IovaList(List<IovaRange> ranges) {
    this.ranges = new ArrayList<>(ranges);
  }

  /** Returns a copy, to be changed until it is known whether it is to be used. */
  IovaList copy() {
    return new IovaList(ranges);
  }

  ImmutableList<IovaRange> ranges() {
    return ImmutableList.copyOf(ranges);
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** Source: {@code vfio_iommu_iova_dma_valid}. */
  boolean allows(long first, long last) {
    for (IovaRange range : ranges) {
      if (Long.compareUnsigned(first, range.first()) >= 0
          && Long.compareUnsigned(last, range.last()) <= 0) {
        return true;
      }
    }
    return ranges.isEmpty();
  }

  /** Source: {@code vfio_iommu_aper_conflict}. */
  boolean conflicts(DomainGeometry aperture, DmaList mappings) {
    if (ranges.isEmpty()) {
      return false;
    }
    long first = ranges.get(0).first();
    long last = ranges.get(ranges.size() - 1).last();
    long start = aperture.firstIova();
    long end = aperture.lastIova();
    if (Long.compareUnsigned(start, last) > 0 || Long.compareUnsigned(end, first) < 0) {
      return true;
    }
    if (Long.compareUnsigned(start, first) > 0 && mappings.find(first, start - first) != null) {
      return true;
    }
    return Long.compareUnsigned(end, last) < 0 && mappings.find(end + 1, last - end) != null;
  }

  /** Narrows the list to an aperture. Source: {@code vfio_iommu_aper_resize}. */
  void narrow(long start, long end) {
    if (ranges.isEmpty()) {
      ranges.add(new IovaRange(start, end));
      return;
    }
    List<IovaRange> kept = new ArrayList<>();
    for (IovaRange range : ranges) {
      if (Long.compareUnsigned(range.last(), start) > 0
          && Long.compareUnsigned(range.first(), end) < 0) {
        kept.add(
            new IovaRange(
                Long.compareUnsigned(start, range.first()) > 0 ? start : range.first(),
                Long.compareUnsigned(end, range.last()) < 0 ? end : range.last()));
      }
    }
    ranges.clear();
    ranges.addAll(kept);
  }

  /** Widens the ends of the list. Source: {@code vfio_iommu_aper_expand}. */
  void widen(long start, long end) {
    if (!ranges.isEmpty()) {
      ranges.set(0, new IovaRange(start, ranges.get(0).last()));
      int last = ranges.size() - 1;
      ranges.set(last, new IovaRange(ranges.get(last).first(), end));
    }
  }

  /** Makes one range of the list, from its first address to its last. */
  void fillHoles() {
    IovaRange all = new IovaRange(ranges.get(0).first(), ranges.get(ranges.size() - 1).last());
    ranges.clear();
    ranges.add(all);
  }

  /**
   * Takes reserved regions out, but for those that are relaxable. Source: {@code
   * vfio_iommu_resv_exclude}.
   *
   * @return 0, or -EINVAL if nothing is left
   */
  int exclude(Iterable<ReservedRegion> regions) {
    for (ReservedRegion region : regions) {
      if (region.type() == ReservedRegion.Type.DIRECT_RELAXABLE) {
        continue;
      }
      List<IovaRange> kept = new ArrayList<>();
      for (IovaRange range : ranges) {
        addWithout(range, region.first(), region.last(), kept);
      }
      ranges.clear();
      ranges.addAll(kept);
    }
    return ranges.isEmpty() ? Errno.EINVAL : 0;
  }

  private static void addWithout(IovaRange range, long first, long last, List<IovaRange> kept) {
    if (Long.compareUnsigned(first, range.last()) > 0
        || Long.compareUnsigned(last, range.first()) < 0) {
      kept.add(range);
      return;
    }
    if (Long.compareUnsigned(first, range.first()) > 0) {
      kept.add(new IovaRange(range.first(), first - 1));
    }
    if (Long.compareUnsigned(last, range.last()) < 0) {
      kept.add(new IovaRange(last + 1, range.last()));
    }
  }
}
