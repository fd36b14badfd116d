package org.iommu4j.bounce;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;

/**
 * What the operations that bounce stand on: the I/O addresses of a device and the page table that
 * translates them.
 *
 * <p>A mapping is made in three steps, which {@link #allocIova}, {@link #map} and, at the end,
 * {@link #unmap} are; an address that was never mapped goes back with {@link #freeIova}. All I/O
 * page frame numbers count 4 KiB pages.
 *
 * <p>Implementations must be thread-safe, must not allocate in steady state, and must answer a
 * failure with the value named here and not with an exception.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:bounce_map_single}, which calls these.
 */
public interface IovaMapper {
  /** What {@link #allocIova} returns if there is no room: 0, which is never handed out. */
  long NO_IOVA_PFN = 0;

  /** Returns what the lines of the driver's log begin with, blank included. */
  String logPrefix();

  /**
   * Allocates I/O pages in the device's domain, aligned to the power of two they fit in.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_get_iommu}, {@code intel_alloc_iova}.
   *
   * @param pages how many; rounded up to a power of two
   * @param mask the highest I/O address that the device can send
   * @return the first page's number, or {@link #NO_IOVA_PFN} if there is no room, or the device has
   *     no domain that the DMA API maps
   */
  long allocIova(Device device, long pages, long mask);

  /**
   * Gives back I/O pages that are not mapped.
   *
   * <p>Source: {@code drivers/iommu/iova.c:free_iova_fast}.
   *
   * @param pages the size to free them with, as the kernel's caller gives it
   */
  void freeIova(Device device, long iovaPfn, long pages);

  /**
   * Maps I/O pages that {@link #allocIova} returned to memory, with the rights of the direction and
   * whatever the hardware needs on top.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_pfn_mapping}.
   *
   * @return whether it was done; if not, the caller still has the I/O pages
   */
  boolean map(Device device, long iovaPfn, long physPfn, long pages, DmaDirection direction);

  /**
   * Unmaps all pages that a range of I/O addresses touches and frees them, at once or after the
   * next flush.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_unmap}.
   *
   * @throws IllegalArgumentException if the kernel would not survive the call: the device's domain
   *     is not one that the DMA API maps, or does not reach that far
   */
  void unmap(Device device, long dmaAddr, long sizeBytes);

  /**
   * Returns what the device's domain translates an I/O address to, without regard to rights; 0 if
   * nothing is mapped there, or the device has no domain.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_iova_to_phys}.
   */
  long iovaToPhys(Device device, long iova);
}
