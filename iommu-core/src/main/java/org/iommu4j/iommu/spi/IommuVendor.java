package org.iommu4j.iommu.spi;

/** An IOMMU's vendor. */
public interface IommuVendor {
  /** Returns the vendor's name for people. */
  String name();
}
