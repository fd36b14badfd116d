package org.iommu4j.vtd.driver;

import org.iommu4j.dma.BusError;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.vtd.hw.DmaFault;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.jspecify.annotations.Nullable;

/**
 * A device behind a remapping unit. Immutable; thread-safe.
 *
 * @param hardware the unit
 * @param sourceId the requester id that the unit sees
 */
record RemappedBusMaster(RemappingHardware hardware, int sourceId) implements BusMaster {
  @Override
  public @Nullable BusError read(long iova, byte[] into, int offset, int lengthBytes) {
    return errorOf(hardware.dmaRead(sourceId, iova, into, offset, lengthBytes));
  }

  @Override
  public @Nullable BusError write(long iova, byte[] from, int offset, int lengthBytes) {
    return errorOf(hardware.dmaWrite(sourceId, iova, from, offset, lengthBytes));
  }

  @Override
  public void burst(Runnable accesses) {
    hardware.burst(accesses);
  }

  private static @Nullable BusError errorOf(@Nullable DmaFault fault) {
    if (fault == null) {
      return null;
    }
    String reason = fault.reason() == null ? "aborted" : fault.reason().name();
    return new BusError(fault.iova(), fault.completedBytes(), reason);
  }
}
