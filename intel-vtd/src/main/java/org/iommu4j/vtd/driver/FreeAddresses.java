package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.spi.DmaRemapper;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iova.SizeRounding;

/**
 * Takes I/O addresses for mappings, below 4 GiB first unless the system is told otherwise, and
 * gives them back.
 *
 * <p>Thread-safe; allocates nothing in steady state.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_alloc_iova}.
 */
final class FreeAddresses {
  private static final long MAX_32_BITS_PFN = DmaMapping.bitMask(32) >>> PAGE_SHIFT;

  private final SystemServices services;
  private final SizeRounding rounding;
  private final boolean forceDac;
  private final DeviceLog.Once exhausted;

  /**
   * Finds the addresses of one system.
   *
   * @param rounding how many pages a mapping takes
   * @param forceDac whether addresses above 4 GiB are handed out first
   * @param exhausted where the first failure is told
   */
  FreeAddresses(
      SystemServices services,
      SizeRounding rounding,
      boolean forceDac,
      DeviceLog.Once exhausted) {
    this.rounding = rounding;
    this.services = services;
    this.forceDac = forceDac;
    this.exhausted = exhausted;
  }

  /**
   * Takes pages that the device's mask reaches.
   *
   * @return the first page's number, or {@link DmaRemapper#NO_IOVA_PFN} if none are free
   */
  long alloc(Device device, AddressSpace space, long pages, long deviceMask) {
    MapCalls.AllocIova call = begun(MapCalls.AllocIova.OFF);
    long taken = rounding.rounded(pages);
    long pfn = search(space, taken, deviceMask);
    if (pfn == DmaRemapper.NO_IOVA_PFN) {
      exhausted.print(device, () -> "DMAR: Allocating " + taken + "-page iova failed");
    }
    call.done(pages, deviceMask, pfn);
    return pfn;
  }

  private long search(AddressSpace space, long taken, long deviceMask) {
    long maxIova = space.maxIova();
    long mask = Long.compareUnsigned(maxIova, deviceMask) < 0 ? maxIova : deviceMask;
    long limitPfn = mask >>> PAGE_SHIFT;
    int cpu = services.currentCpu();
    if (!forceDac && limitPfn > MAX_32_BITS_PFN) {
      long pfn = space.iova().allocFast(cpu, taken, MAX_32_BITS_PFN, false);
      if (pfn != DmaRemapper.NO_IOVA_PFN) {
        return pfn;
      }
    }
    return space.iova().allocFast(cpu, taken, limitPfn, true);
  }

  /** Gives addresses back that nothing in the hardware knows any more. */
  void free(AddressSpace space, long iovaPfn, long pages) {
    space.iova().freeFast(services.currentCpu(), iovaPfn, pages);
  }
}
