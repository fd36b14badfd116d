package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.iommu4j.iommu.domain.ReservedRegion;

/**
 * Merges the reserved regions of a group's devices into the list that sysfs shows.
 *
 * <p>Regions are sorted by start and then by type; those of one type that overlap or touch become
 * one.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:iommu_insert_resv_region}.
 */
public final class ReservedRegions {
  private final List<ReservedRegion> regions = new ArrayList<>();

  /** Makes an empty list. */
  public ReservedRegions() {}

  /** Adds the regions of one device. */
  public void addAll(Iterable<ReservedRegion> ofDevice) {
    ofDevice.forEach(this::add);
  }

  private void add(ReservedRegion added) {
    int at = 0;
    while (at < regions.size() && !goesBefore(added, regions.get(at))) {
      at++;
    }
    regions.add(at, added);
    merge(added.type());
  }

  private static boolean goesBefore(ReservedRegion added, ReservedRegion other) {
    int order = Long.compareUnsigned(added.first(), other.first());
    return order < 0 || (order == 0 && added.type().compareTo(other.type()) <= 0);
  }

  private void merge(ReservedRegion.Type type) {
    List<ReservedRegion> merged = new ArrayList<>();
    Map<ReservedRegion.Type, Integer> lastOfType = new EnumMap<>(ReservedRegion.Type.class);
    for (ReservedRegion region : regions) {
      Integer at = region.type() == type ? lastOfType.get(type) : null;
      if (at == null || isApart(merged.get(at), region)) {
        lastOfType.put(region.type(), merged.size());
        merged.add(region);
      } else {
        merged.set(at, union(merged.get(at), region));
      }
    }
    regions.clear();
    regions.addAll(merged);
  }

  private static boolean isApart(ReservedRegion lower, ReservedRegion upper) {
    return Long.compareUnsigned(upper.first(), lower.last() + 1) > 0;
  }

  private static ReservedRegion union(ReservedRegion lower, ReservedRegion upper) {
    long last = Long.compareUnsigned(lower.last(), upper.last()) > 0 ? lower.last() : upper.last();
    return new ReservedRegion(lower.first(), last, lower.type());
  }

  /** Returns the merged regions. */
  public ImmutableList<ReservedRegion> toList() {
    return ImmutableList.copyOf(regions);
  }
}
