package org.iommu4j.swiotlb;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaReach;
import org.iommu4j.dma.RateLimited;

/** What the kernel prints about mappings that fail for want of slots. Thread-safe. */
final class SwiotlbReports {
  private static final String PANIC =
      "Kernel panic - not syncing: Can not allocate SWIOTLB buffer earlier and can't now provide"
          + " you with the DMA bounce buffer";

  private final DeviceLog log;
  private final RateLimited full;
  private final DeviceLog.Once invalidSizes;
  private final DeviceLog.Once unreachable;
  private final DeviceLog.Once beforeStart;
  private final DeviceLog.Once pastEnd;
  private final DeviceLog.Once tooMuch;

  SwiotlbReports(DeviceLog log) {
    this.log = log;
    full = log.rateLimited("swiotlb_tbl_map_single");
    invalidSizes = log.once();
    unreachable = log.once();
    beforeStart = log.once();
    pastEnd = log.once();
    tooMuch = log.once();
  }

  /** There is no memory to bounce to, and there was to be some. */
  void panic() {
    log.print(PANIC);
  }

  /** No run of slots fits; the numbers of slots are the kernel's unsigned counters. */
  void full(Device device, long allocBytes, long totalSlots, int usedSlots) {
    full.print(
        device,
        () ->
            String.format(
                "swiotlb buffer is full (sz: %d bytes), total %s (slots), used %s (slots)",
                allocBytes, Long.toUnsignedString(totalSlots), Long.toUnsignedString(usedSlots)));
  }

  /** More is to be copied than the slots would hold. */
  void invalidSizes(Device device, long mappingBytes, long allocBytes) {
    invalidSizes.print(
        device,
        () ->
            String.format(
                "Invalid sizes (mapping: %d bytes, alloc: %d bytes)", mappingBytes, allocBytes));
  }

  /** What is to be moved lies before a copy's first byte, for all that its slot tells. */
  void beforeStart(Device device, int origOffset, long tlbOffset) {
    beforeStart.print(
        device,
        () ->
            String.format(
                "Access before mapping start detected. orig offset %d, requested offset %d.",
                origOffset, tlbOffset));
  }

  /** What is to be moved lies past a copy's end. */
  void pastEnd(Device device, long allocBytes, long sizeBytes, long tlbOffset) {
    pastEnd.print(
        device,
        () ->
            String.format(
                "Buffer overflow detected. Allocation size: %s. Mapping size: %s+%d.",
                Long.toUnsignedString(allocBytes), Long.toUnsignedString(sizeBytes), tlbOffset));
  }

  /** More is to be moved than a copy has. */
  void tooMuch(Device device, long allocBytes, long sizeBytes) {
    tooMuch.print(
        device,
        () ->
            String.format(
                "Buffer overflow detected. Allocation size: %s. Mapping size: %s.",
                Long.toUnsignedString(allocBytes), Long.toUnsignedString(sizeBytes)));
  }

  /** The device does not even reach the pool. */
  void unreachable(Device device, long tlbPhys, long sizeBytes) {
    unreachable.print(device, () -> DmaReach.overflow("swiotlb addr", device, tlbPhys, sizeBytes));
  }
}
