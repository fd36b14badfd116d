package org.iommu4j.iommu.dma;

import com.google.common.collect.ImmutableList;
import java.util.Comparator;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.iommu.dma.DmaIommuRules.Trait;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iova.IovaDomain;
import org.iommu4j.machine.AddressRange;

/**
 * Keeps addresses of a domain from being handed out that would not reach memory, for the first
 * device that uses the domain.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:iova_reserve_iommu_regions}.
 */
final class AddressReservation {
  private static final Comparator<AddressRange> BY_FIRST =
      (a, b) -> Long.compareUnsigned(a.first(), b.first());

  private final DmaSpace space;
  private final DmaIommuRules rules;
  private final DeviceLog log;

  AddressReservation(DmaSpace space, DmaIommuRules rules, DeviceLog log) {
    this.space = space;
    this.rules = rules;
    this.log = log;
  }

  /** Reserves what is to be reserved; returns whether that could be told. */
  boolean run(DmaClient client) {
    if (client.isPci() && !reserveBridge(client)) {
      return false;
    }
    for (ReservedRegion region : client.reservedRegions()) {
      reserve(region.first(), region.last());
    }
    return true;
  }

  private void reserve(long first, long last) {
    IovaDomain iova = space.iova();
    iova.reserve(first >>> space.granuleShift(), last >>> space.granuleShift());
  }

  /** Source: {@code drivers/iommu/dma-iommu.c:iova_reserve_pci_windows}. */
  private boolean reserveBridge(DmaClient client) {
    for (AddressRange window : client.bridge().windows()) {
      reserve(window.first(), window.last());
    }
    return reserveBetween(client, ranges(client.bridge()));
  }

  private ImmutableList<AddressRange> ranges(HostBridge bridge) {
    return rules.does(Trait.SORTS_DMA_RANGES)
        ? ImmutableList.sortedCopyOf(BY_FIRST, bridge.dmaRanges())
        : bridge.dmaRanges();
  }

  /** Reserves what lies before, between and after the ranges that the bridge forwards. */
  private boolean reserveBetween(DmaClient client, ImmutableList<AddressRange> ranges) {
    long start = 0;
    for (AddressRange range : ranges) {
      int order = Long.compareUnsigned(range.first(), start);
      if (order < 0) {
        log.print(
            client.device(),
            String.format("Failed to reserve IOVA [0x%016x-0x%016x]", start, range.first()));
        return false;
      }
      if (order > 0) {
        reserve(start, range.first());
      }
      start = range.last() + 1;
    }
    if (start != 0) {
      reserve(start, -1L);
    }
    return true;
  }
}
