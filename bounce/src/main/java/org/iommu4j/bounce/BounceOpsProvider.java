package org.iommu4j.bounce;

import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.spi.UntrustedOpsProvider;

/** Provides the bounce operations to the core. Immutable. */
public final class BounceOpsProvider implements UntrustedOpsProvider {
  private static final DmaOps OPS = new BounceDmaOps();

  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public BounceOpsProvider() {}

  @Override
  public DmaOps ops() {
    return OPS;
  }
}
