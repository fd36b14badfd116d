package org.iommu4j.iommu.dma;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.DmaPath;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.dma.DmaIommuRules.Padding;

/**
 * What stands for the operations of a device from the time when it was decided that dma-iommu maps
 * for it to the time when its group has its domain: it tells what they are called, and maps
 * nothing. Immutable.
 *
 * @param symbol what the operations are called
 * @param path the way that mappings will take
 */
public record PromisedDmaOps(String symbol, DmaPath path) implements DmaOps {
  /**
   * Returns what stands for a device's operations.
   *
   * @param isUntrusted whether the device must not see what lies beside its buffers
   */
  public static PromisedDmaOps of(DmaIommuRules rules, boolean isUntrusted) {
    boolean bounces = isUntrusted && rules.padding() != Padding.NONE;
    return new PromisedDmaOps(rules.opsSymbol(), bounces ? DmaPath.BOUNCED : DmaPath.REMAPPED);
  }

  private static IllegalStateException tooEarly() {
    return new IllegalStateException(
        "the device's domain is not made yet: ask the system for its" + " DMA API first");
  }

  @Override
  public long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    throw tooEarly();
  }

  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    throw tooEarly();
  }

  @Override
  public int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    throw tooEarly();
  }

  @Override
  public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    throw tooEarly();
  }

  @Override
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    throw tooEarly();
  }

  @Override
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    throw tooEarly();
  }

  @Override
  public CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    throw tooEarly();
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    throw tooEarly();
  }

  @Override
  public boolean isSupported(Device device, long mask) {
    throw tooEarly();
  }
}
