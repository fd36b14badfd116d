package org.iommu4j.iommu;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.ScatterList;
import org.jspecify.annotations.Nullable;

/** Stands where direct mapping would, in a system that nobody provides with it. */
final class NoDirectOps implements DmaOps {
  private static UnsupportedOperationException notYet() {
    return new UnsupportedOperationException("nobody provides direct mapping");
  }

  @Override
  public String symbol() {
    return "NULL";
  }

  @Override
  public long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    throw notYet();
  }

  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    throw notYet();
  }

  @Override
  public int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    throw notYet();
  }

  @Override
  public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    throw notYet();
  }

  @Override
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    throw notYet();
  }

  @Override
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    throw notYet();
  }

  @Override
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    throw notYet();
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    throw notYet();
  }

  @Override
  public boolean isSupported(Device device, long mask) {
    throw notYet();
  }
}
