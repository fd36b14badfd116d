package org.iommu4j.iommu.spi;

/**
 * An attribute of a domain that a vendor may know.
 *
 * <p>Source: {@code include/linux/iommu.h:enum iommu_attr}.
 */
public enum DomainAttribute {
  /** The range of addresses that can be mapped: see {@link IommuDomain#geometry}. */
  GEOMETRY,
  /** Whether the domain maps pages: 1 or 0. */
  PAGING,
  /** The number of windows of an IOMMU that has windows in place of pages. */
  WINDOWS,
  /** Whether there are two stages of translation: 1 or 0. */
  NESTING,
  /** Whether unmapped addresses wait in a queue for the next flush: 1 or 0. */
  DMA_USE_FLUSH_QUEUE
}
