package org.iommu4j.dma;

/**
 * The way that a device's mappings take. A release names it; what takes it does the same in all.
 */
public enum DmaPath {
  /** An address for the device is the physical one, or that of a bounce slot within its reach. */
  DIRECT,

  /** An IOMMU translates an address that was handed out to the buffer itself. */
  REMAPPED,

  /** As {@link #REMAPPED}, but what does not fill its pages is copied to slots of its own. */
  BOUNCED
}
