package org.iommu4j.iommu;

import org.iommu4j.dma.DmaObserver;
import org.iommu4j.dma.HardwareObserver;

/**
 * Who sees a system at work, besides the flight recorder. Immutable.
 *
 * @param dma sees the calls of the DMA API
 * @param hardware sees what the IOMMUs do, and what devices access
 */
public record Observers(DmaObserver dma, HardwareObserver hardware) {
  /** Nobody. */
  public static final Observers NONE = new Observers(DmaObserver.NONE, HardwareObserver.NONE);
}
