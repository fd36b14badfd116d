package org.iommu4j.vtd.driver;

import org.iommu4j.dma.BusError;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.vtd.hw.DmaFault;
import org.iommu4j.vtd.hw.Requester;
import org.jspecify.annotations.Nullable;

/**
 * A device behind a remapping unit. Immutable; thread-safe.
 *
 * @param requester the device as its unit sees it
 */
record RemappedBusMaster(Requester requester) implements BusMaster {
  @Override
  public @Nullable BusError read(long iova, byte[] into, int offset, int lengthBytes) {
    return errorOf(requester.read(iova, into, offset, lengthBytes));
  }

  @Override
  public @Nullable BusError write(long iova, byte[] from, int offset, int lengthBytes) {
    return errorOf(requester.write(iova, from, offset, lengthBytes));
  }

  @Override
  public void burst(Runnable accesses) {
    requester.unit().burst(accesses);
  }

  private static @Nullable BusError errorOf(@Nullable DmaFault fault) {
    if (fault == null) {
      return null;
    }
    String reason = fault.reason() == null ? "aborted" : fault.reason().name();
    return new BusError(fault.iova(), fault.completedBytes(), reason);
  }
}
