package org.iommu4j.iommu.spi;

import org.iommu4j.dma.DmaOps;

/**
 * Provides the DMA operations of devices that are not trusted; found with {@link
 * java.util.ServiceLoader}.
 *
 * <p>Implementations must be stateless and have a public constructor without arguments.
 */
public interface UntrustedOpsProvider {
  /** Returns the operations. */
  DmaOps ops();
}
