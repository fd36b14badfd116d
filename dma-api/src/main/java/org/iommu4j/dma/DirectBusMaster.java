package org.iommu4j.dma;

import org.jspecify.annotations.Nullable;

/** A device whose addresses are physical ones; outside RAM reads give ones and writes are lost. */
record DirectBusMaster(PhysicalMemory memory) implements BusMaster {
  @Override
  public @Nullable BusError read(long iova, byte[] into, int offset, int lengthBytes) {
    memory.read(iova, into, offset, lengthBytes);
    return null;
  }

  @Override
  public @Nullable BusError write(long iova, byte[] from, int offset, int lengthBytes) {
    memory.write(iova, from, offset, lengthBytes);
    return null;
  }
}
