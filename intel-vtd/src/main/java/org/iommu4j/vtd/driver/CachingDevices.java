package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.common.collect.ImmutableList;

/**
 * The devices of a domain that cache translations. Thread-safe; flushing takes no lock.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:iommu_flush_dev_iotlb}.
 */
final class CachingDevices {
  /** As many pages as there are: {@code MAX_AGAW_PFN_WIDTH}. */
  private static final int ALL_PAGES_MASK = 64 - PAGE_SHIFT;

  /** The newest first. */
  private volatile ImmutableList<CachingDevice> devices = ImmutableList.of();

  synchronized void add(CachingDevice device) {
    devices = ImmutableList.<CachingDevice>builder().add(device).addAll(devices).build();
  }

  /** Flushes a device no longer; nothing happens if it was not. */
  synchronized void remove(VtdUnit unit, int sourceId) {
    devices =
        devices.stream()
            .filter(device -> device.unit() != unit || device.sourceId() != sourceId)
            .collect(ImmutableList.toImmutableList());
  }

  /** Makes all devices forget the smallest aligned block of pages that holds a range. */
  void flush(long pfn, long pages) {
    if (!devices.isEmpty()) {
      int mask = Math.min(DomainUnit.addressMask(pfn, pages), ALL_PAGES_MASK);
      flushBlock(pfn << PAGE_SHIFT, mask);
    }
  }

  /** Makes all devices forget everything. */
  void flushAll() {
    flushBlock(0, ALL_PAGES_MASK);
  }

  private void flushBlock(long iova, int addressMask) {
    ImmutableList<CachingDevice> all = devices;
    for (int i = 0; i < all.size(); i++) {
      all.get(i).flush(iova, addressMask);
    }
  }
}
