package org.iommu4j.testkit.skeleton;

import org.iommu4j.iommu.spi.IommuDomain;

/** A domain that knows what its hardware does with an address. Thread-safe. */
public interface SkeletalDomain extends IommuDomain {
  /**
   * Translates an address, as the hardware does; not asked if the domain is one for physical
   * addresses.
   *
   * @param right {@link IommuDomain#READ} or {@link IommuDomain#WRITE}
   * @return the physical address, or a negative number if the access is refused
   */
  long translate(long iova, int right);

  /** Frees what the domain holds. */
  void release();
}
