package org.iommu4j.vtd.dma;

import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.bounce.BounceDmaOps;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.spi.SystemServices;
import org.jspecify.annotations.Nullable;

/**
 * The DMA operations of devices whose addresses VT-d remaps. Immutable; thread-safe.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_dma_ops}.
 */
public final class IntelDmaOps implements DmaOps {
  private final SystemServices services;
  private final VtdRemapper remapper;
  private final ListRemapper lists;

  /** Makes the operations of one system. */
  public IntelDmaOps(SystemServices services) {
    this.services = services;
    this.remapper = new VtdRemapper(services);
    this.lists = new ListRemapper(remapper);
  }

  /**
   * Makes the operations of the system's untrusted devices, which remap as these do.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:bounce_dma_ops}.
   */
  public BounceDmaOps bouncing() {
    return new BounceDmaOps(remapper, this, services.bouncing());
  }

  @Override
  public String symbol() {
    return "intel_dma_ops";
  }

  @Override
  public long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    MapCalls.MapPage call = begun(MapCalls.MapPage.OFF);
    long dmaAddr = remapper.mapSingle(device, phys, sizeBytes, direction, device.dmaMask());
    call.done(device, phys, sizeBytes, direction, attributes, dmaAddr);
    return dmaAddr;
  }

  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    UnmapCalls.UnmapPage call = begun(UnmapCalls.UnmapPage.OFF);
    remapper.unmap(device, dmaAddr, sizeBytes);
    call.done(device, dmaAddr, sizeBytes, direction, attributes);
  }

  @Override
  public int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    return lists.map(device, list, direction);
  }

  @Override
  public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    lists.unmap(device, list);
  }

  @Override
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    return remapper.mapSingle(device, phys, sizeBytes, direction, device.dmaMask());
  }

  @Override
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    remapper.unmap(device, dmaAddr, sizeBytes);
  }

  @Override
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    return remapper.allocCoherent(device, sizeBytes);
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    remapper.freeCoherent(device, buffer);
  }

  @Override
  public @Nullable DmaPages allocPages(Device device, long sizeBytes, DmaDirection direction) {
    return remapper.commonPages().allocPages(this, device, sizeBytes, direction);
  }

  @Override
  public void freePages(Device device, DmaPages pages) {
    remapper.commonPages().freePages(this, device, pages);
  }

  @Override
  public boolean exportsCoherent() {
    return true;
  }

  @Override
  public boolean isSupported(Device device, long mask) {
    return remapper.isSupported(mask);
  }
}
