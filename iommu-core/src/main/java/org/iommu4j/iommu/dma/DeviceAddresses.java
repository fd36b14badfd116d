package org.iommu4j.iommu.dma;

import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaReach;
import org.iommu4j.iommu.dma.DmaIommuRules.LowFirst;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iova.SizeRounding;

/**
 * Takes addresses for one device from those of its domain, below 4 GiB first as long as the release
 * does that.
 *
 * <p>Thread-safe; allocates nothing in steady state.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_alloc_iova}.
 */
final class DeviceAddresses {
  /** What {@link #alloc} returns if there is no room. */
  static final long NONE = 0;

  private static final long LOW_MASK = DmaMapping.bitMask(32);

  private final DmaSpace space;
  private final SystemServices services;
  private final DeviceLog log;
  private final boolean givesUpLowFirst;
  private volatile boolean lowFirst;

  DeviceAddresses(
      DmaSpace space, SystemServices services, DeviceLog log, LowFirst rule, boolean lowFirst) {
    this.space = space;
    this.services = services;
    this.log = log;
    this.givesUpLowFirst = rule == LowFirst.UNTIL_NONE_ARE_LEFT;
    this.lowFirst = lowFirst;
  }

  /**
   * Takes addresses.
   *
   * @param sizeBytes a multiple of the domain's smallest page; of no bytes a page is taken
   * @param mask the highest address that the device can send, 0 for any
   * @return the first address, or {@link #NONE}
   */
  long alloc(Device device, long sizeBytes, long mask) {
    DmaIommuCalls.AllocIova call = begun(DmaIommuCalls.AllocIova.OFF);
    long address = search(device, sizeBytes, mask);
    call.done(sizeBytes, mask, address);
    return address;
  }

  private long search(Device device, long sizeBytes, long mask) {
    int shift = space.granuleShift();
    long pages = SizeRounding.POWER_OF_TWO_IF_CACHED.rounded(sizeBytes >>> shift);
    long limit = limit(device, mask);
    int cpu = services.currentCpu();
    if (lowFirst && Long.compareUnsigned(limit, LOW_MASK) > 0) {
      long pfn = space.iova().allocFast(cpu, pages, LOW_MASK >>> shift, false);
      if (pfn != NONE) {
        return pfn << shift;
      }
      if (givesUpLowFirst) {
        giveUpLowFirst(device, limit);
      }
    }
    return space.iova().allocFast(cpu, pages, limit >>> shift, true) << shift;
  }

  private long limit(Device device, long mask) {
    long limit = DmaReach.limit(device, mask);
    DomainGeometry geometry = space.domain().geometry();
    return geometry.forced() && Long.compareUnsigned(geometry.lastIova(), limit) < 0
        ? geometry.lastIova()
        : limit;
  }

  private void giveUpLowFirst(Device device, long limit) {
    lowFirst = false;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(limit);
    log.print(device, "Using " + bits + "-bit DMA addresses");
  }
}
