package org.iommu4j.bounce;

import org.iommu4j.dma.CommonPages;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.spi.DmaRemapper;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iommu.spi.UntrustedOpsProvider;

/** Provides the bounce operations to the core. Immutable. */
public final class BounceOpsProvider implements UntrustedOpsProvider {
  /** Makes the provider; called by {@link java.util.ServiceLoader}. */
  public BounceOpsProvider() {}

  @Override
  public DmaOps ops(DmaRemapper remapper, SystemServices services) {
    DeviceLog log = new DeviceLog(services.log(), services.timers()::nowMillis);
    CommonPages pages = new CommonPages(services.memory(), services.buffers());
    return new BounceDmaOps(remapper, pages, services.pool(), services.maxPfn(), log);
  }
}
