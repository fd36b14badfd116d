package org.iommu4j.dma;

import org.jspecify.annotations.Nullable;

/**
 * Two observers as one. Thread-safe if they are.
 *
 * @param first is told first
 * @param second is told after it
 */
record DmaObserverPair(DmaObserver first, DmaObserver second) implements DmaObserver {
  @Override
  public DmaObserver begins(DmaCall call, Device device, DmaOps ops) {
    DmaObserver one = first.begins(call, device, ops);
    DmaObserver other = second.begins(call, device, ops);
    return one == first && other == second ? this : new DmaObserverPair(one, other);
  }

  @Override
  public void mapPage(
      Device device,
      long pagePhys,
      long offsetBytes,
      long sizeBytes,
      DmaDirection direction,
      int attributes,
      long dmaAddr) {
    first.mapPage(device, pagePhys, offsetBytes, sizeBytes, direction, attributes, dmaAddr);
    second.mapPage(device, pagePhys, offsetBytes, sizeBytes, direction, attributes, dmaAddr);
  }

  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    first.unmapPage(device, dmaAddr, sizeBytes, direction, attributes);
    second.unmapPage(device, dmaAddr, sizeBytes, direction, attributes);
  }

  @Override
  public void mapSg(
      Device device, ScatterList list, DmaDirection direction, int attributes, int entries) {
    first.mapSg(device, list, direction, attributes, entries);
    second.mapSg(device, list, direction, attributes, entries);
  }

  @Override
  public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    first.unmapSg(device, list, direction, attributes);
    second.unmapSg(device, list, direction, attributes);
  }

  @Override
  public void mapResource(
      Device device,
      long phys,
      long sizeBytes,
      DmaDirection direction,
      int attributes,
      long dmaAddr) {
    first.mapResource(device, phys, sizeBytes, direction, attributes, dmaAddr);
    second.mapResource(device, phys, sizeBytes, direction, attributes, dmaAddr);
  }

  @Override
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    first.unmapResource(device, dmaAddr, sizeBytes, direction, attributes);
    second.unmapResource(device, dmaAddr, sizeBytes, direction, attributes);
  }

  @Override
  public void allocCoherent(
      Device device, long sizeBytes, int attributes, @Nullable CoherentBuffer buffer) {
    first.allocCoherent(device, sizeBytes, attributes, buffer);
    second.allocCoherent(device, sizeBytes, attributes, buffer);
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    first.freeCoherent(device, buffer, attributes);
    second.freeCoherent(device, buffer, attributes);
  }

  @Override
  public void allocPages(
      Device device, long sizeBytes, DmaDirection direction, @Nullable DmaPages pages) {
    first.allocPages(device, sizeBytes, direction, pages);
    second.allocPages(device, sizeBytes, direction, pages);
  }

  @Override
  public void freePages(Device device, DmaPages pages) {
    first.freePages(device, pages);
    second.freePages(device, pages);
  }

  @Override
  public void syncSingleForCpu(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    first.syncSingleForCpu(device, dmaAddr, sizeBytes, direction);
    second.syncSingleForCpu(device, dmaAddr, sizeBytes, direction);
  }

  @Override
  public void syncSingleForDevice(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    first.syncSingleForDevice(device, dmaAddr, sizeBytes, direction);
    second.syncSingleForDevice(device, dmaAddr, sizeBytes, direction);
  }

  @Override
  public void syncSgForCpu(Device device, ScatterList list, DmaDirection direction) {
    first.syncSgForCpu(device, list, direction);
    second.syncSgForCpu(device, list, direction);
  }

  @Override
  public void syncSgForDevice(Device device, ScatterList list, DmaDirection direction) {
    first.syncSgForDevice(device, list, direction);
    second.syncSgForDevice(device, list, direction);
  }

  @Override
  public void mappingError(Device device, long dmaAddr, boolean failed) {
    first.mappingError(device, dmaAddr, failed);
    second.mappingError(device, dmaAddr, failed);
  }
}
