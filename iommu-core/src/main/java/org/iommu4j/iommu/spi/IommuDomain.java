package org.iommu4j.iommu.spi;

import org.iommu4j.iommu.policy.DomainType;
import org.iommu4j.iommu.policy.ReservedRegion;

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

  /** Returns what the domain does with addresses. */
  DomainType type();

  /**
   * Maps one page of a size that the domain supports.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code map}.
   *
   * @param protection bits {@link #READ} and {@link #WRITE}
   * @return 0 or a negative error number
   */
  int map(long iova, long phys, long sizeBytes, int protection);

  /** Returns what an I/O address translates to, without regard to rights; 0 if to nothing. */
  long iovaToPhys(long iova);

  /**
   * Keeps a region's addresses from being handed out.
   *
   * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, {@code apply_resv_region}.
   */
  void applyReservedRegion(ReservedRegion region);

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
