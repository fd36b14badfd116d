package org.iommu4j.passthrough;

import org.iommu4j.dma.DmaOps;
import org.iommu4j.swiotlb.DirectOpsProvider;

/** Provides direct mapping to the core. Immutable. */
public final class PassthroughProvider implements DirectOpsProvider {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public PassthroughProvider() {}

  @Override
  public DmaOps ops(DirectSystem system) {
    return new DirectDmaOps(system);
  }
}
