package org.iommu4j.dma;

import org.jspecify.annotations.Nullable;

/**
 * A device whose addresses are physical ones; outside RAM reads give ones and writes are lost.
 *
 * @param observer sees the accesses
 * @param requester the device's bus, device and function in 16 bits
 */
record DirectBusMaster(PhysicalMemory memory, HardwareObserver observer, int requester)
    implements BusMaster {
  @Override
  public @Nullable BusError read(long iova, byte[] into, int offset, int lengthBytes) {
    memory.read(iova, into, offset, lengthBytes);
    observer.accessed(requester, iova, lengthBytes, false, iova);
    return null;
  }

  @Override
  public @Nullable BusError write(long iova, byte[] from, int offset, int lengthBytes) {
    memory.write(iova, from, offset, lengthBytes);
    observer.accessed(requester, iova, lengthBytes, true, iova);
    return null;
  }
}
