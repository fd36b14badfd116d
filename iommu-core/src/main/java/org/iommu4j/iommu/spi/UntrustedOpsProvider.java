package org.iommu4j.iommu.spi;

import org.iommu4j.dma.DmaOps;

/**
 * Provides the DMA operations of devices that are not trusted; found with {@link
 * java.util.ServiceLoader}.
 *
 * <p>Implementations must be stateless and have a public constructor without arguments.
 */
public interface UntrustedOpsProvider {
  /**
   * Returns operations for one booted system.
   *
   * @param remapper the driver whose page tables the operations put their mappings into
   * @param services what the system's parts share, the pool of bounce slots among it
   */
  DmaOps ops(DmaRemapper remapper, SystemServices services);
}
