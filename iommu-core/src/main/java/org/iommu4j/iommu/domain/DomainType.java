package org.iommu4j.iommu.domain;

/**
 * What an IOMMU domain does with a device's addresses. What a release calls it is in its {@link
 * DomainTypes}.
 *
 * <p>Source: {@code include/linux/iommu.h:IOMMU_DOMAIN_*}.
 */
public enum DomainType {
  /** Nothing gets through. */
  BLOCKED,
  /** Addresses are what they are: passthrough. */
  IDENTITY,
  /** Mappings are made by whoever owns the domain, such as VFIO. */
  UNMANAGED,
  /** Mappings are made by the DMA API. */
  DMA,
  /** The same, and unmapping leaves the hardware to a later flush. */
  DMA_FQ;

  /**
   * Returns whether mappings are made by the DMA API.
   *
   * <p>Source: {@code include/linux/iommu.h:__IOMMU_DOMAIN_DMA_API}.
   */
  public boolean isDmaApi() {
    return this == DMA || this == DMA_FQ;
  }
}
