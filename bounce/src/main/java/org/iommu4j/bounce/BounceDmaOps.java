package org.iommu4j.bounce;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.ScatterList;
import org.jspecify.annotations.Nullable;

/**
 * The DMA operations of devices that are not trusted. Immutable.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:bounce_dma_ops}.
 */
final class BounceDmaOps implements DmaOps {
  private static UnsupportedOperationException notYet() {
    return new UnsupportedOperationException("mappings of untrusted devices are not there yet");
  }

  @Override
  public String symbol() {
    return "bounce_dma_ops";
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
