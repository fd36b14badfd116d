package org.iommu4j.iommu.spi;

import org.iommu4j.base.Errno;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;

/**
 * An address space that devices are attached to.
 *
 * <p>Implementations must be thread-safe for ranges that do not overlap. Results are the kernel's:
 * 0 or a negative error number.
 *
 * <p>Source: {@code include/linux/iommu.h:struct iommu_domain}.
 */
public interface IommuDomain {
  /** The right to read, a bit of a mapping's protection. */
  int READ = 1;

  /** The right to write, a bit of a mapping's protection. */
  int WRITE = 2;

  /** A wish that accesses snoop the CPUs' caches, a bit of a mapping's protection. */
  int CACHE = 4;

  /** A note that registers are mapped, and no memory, a bit of a mapping's protection. */
  int MMIO = 16;

  /** A wish that only privileged accesses are let through, a bit of a mapping's protection. */
  int PRIVILEGED = 32;

  /** Returns what the domain does with addresses. */
  DomainType type();

  /**
   * Returns the sizes of pages that {@link #map} and {@link #unmap} take, a bit each; 0 if the
   * domain has no pages. Never fewer than before; the smallest never changes.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_domain}, {@code pgsize_bitmap}.
   */
  long pageSizes();

  /**
   * Returns the addresses that can be mapped, which may become fewer when a device is attached.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_domain}, {@code geometry}.
   */
  DomainGeometry geometry();

  /**
   * Maps one page of a size that the domain supports.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code map}.
   *
   * @param protection bits {@link #READ}, {@link #WRITE} and {@link #CACHE}
   * @return 0 or a negative error number
   * @throws IllegalArgumentException if the kernel would not survive the call
   */
  int map(long iova, long phys, long sizeBytes, int protection);

  /**
   * Maps pages of one size that the domain supports, as many as the vendor does at once.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_domain_ops}, {@code map_pages}.
   *
   * @param pageBytes the size of a page
   * @param pages how many there are to map, at least 1
   * @return how many bytes were mapped, at least one page; or a negative error number if none were
   */
  default long mapPages(long iova, long phys, long pageBytes, long pages, int protection) {
    int error = map(iova, phys, pageBytes, protection);
    return error == 0 ? pageBytes : error;
  }

  /**
   * Unmaps one page of a size that the domain supports, or a larger one that holds it.
   *
   * <p>When the call has returned, the page may be in the hardware's caches until {@link
   * #iotlbSync}; a domain that flushes at once leaves {@code gather} as it is.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code unmap}.
   *
   * @param gather where to note what is to be flushed
   * @return how many bytes were unmapped, which may be more than asked; 0 if nothing was
   * @throws IllegalArgumentException if the kernel would not survive the call
   */
  long unmap(long iova, long sizeBytes, IotlbGather gather);

  /**
   * Unmaps pages of one size that the domain supports, as many as the vendor does at once.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_domain_ops}, {@code unmap_pages}.
   *
   * @param pageBytes the size of a page
   * @param pages how many there are to unmap, at least 1
   * @param gather where to note what is to be flushed
   * @return how many bytes were unmapped, which may be fewer than asked, or more where a larger
   *     page held them; 0 if nothing was
   */
  default long unmapPages(long iova, long pageBytes, long pages, IotlbGather gather) {
    return unmap(iova, pageBytes, gather);
  }

  /**
   * Makes the hardware see what was mapped; called once after any number of {@link #map}.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code iotlb_sync_map}.
   */
  default void iotlbSyncMap() {}

  /** As {@link #iotlbSyncMap()}, for a vendor that wants to know what was mapped. */
  default void iotlbSyncMap(long iova, long sizeBytes) {
    iotlbSyncMap();
  }

  /**
   * Makes the hardware forget what was gathered; the caller resets it.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code iotlb_sync}.
   */
  default void iotlbSync(IotlbGather gather) {}

  /**
   * Gives the memory of page tables back that {@link IotlbGather#freedTables} stands for; called
   * once the hardware has forgotten them.
   *
   * <p>Source: {@code mm/swap.c:put_pages_list}.
   */
  default void freeTables(long freedTables) {}

  /**
   * Makes the hardware forget all translations of the domain.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code flush_iotlb_all}.
   */
  default void flushIotlbAll() {}

  /**
   * Returns an attribute that only the vendor knows.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code domain_get_attr}.
   *
   * @return the value, at least 0, or a negative error number
   */
  default int attribute(DomainAttribute attribute) {
    return Errno.EINVAL;
  }

  /**
   * Sets an attribute.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code domain_set_attr}.
   *
   * @return 0 or a negative error number
   */
  default int setAttribute(DomainAttribute attribute, int value) {
    return Errno.EINVAL;
  }

  /** Returns what an I/O address translates to, without regard to rights; 0 if to nothing. */
  long iovaToPhys(long iova);

  /**
   * Keeps a region's addresses from being handed out.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code apply_resv_region}.
   */
  void applyReservedRegion(ReservedRegion region);

  /**
   * Makes all accesses snoop the CPUs' caches from here on, whatever the device asks for.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_domain_ops}, {@code
   * enforce_cache_coherency}.
   *
   * @return whether all units of the domain can do that
   */
  default boolean enforceCacheCoherency() {
    return false;
  }

  /** Returns whether the table that hardware walks is this domain's own, in all of its levels. */
  default boolean isWalkedBy(HardwareEntry entry) {
    return false;
  }

  /**
   * Shows the page table's leaves in the order of their I/O addresses; nothing if there is none.
   */
  void visit(LeafVisitor visitor);

  /** Is shown the leaves of a page table. */
  @FunctionalInterface
  interface LeafVisitor {
    /**
     * Is shown one leaf.
     *
     * @param level its level, 1 for 4 KiB pages
     * @param bits the rights and kind of the entry, as the hardware has them
     */
    void leaf(long iova, long phys, long lengthBytes, int level, long bits);
  }
}
