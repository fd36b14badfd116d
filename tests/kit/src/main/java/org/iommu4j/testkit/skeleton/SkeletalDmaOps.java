package org.iommu4j.testkit.skeleton;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.base.Pages;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.spi.SystemServices;
import org.jspecify.annotations.Nullable;

/**
 * All DMA operations on top of two: map a buffer and unmap it. A list is mapped piece by piece.
 *
 * <p>Thread-safe if the two are.
 */
public abstract class SkeletalDmaOps implements DmaOps {

  private final SystemServices services;

  /** Makes the operations of one system. */
  protected SkeletalDmaOps(SystemServices services) {
    this.services = services;
  }

  /** Returns what the system's parts share. */
  protected final SystemServices services() {
    return services;
  }

  /**
   * Maps a buffer.
   *
   * @param mask the highest address that the device can send
   * @return its address for the device, or {@link DmaMapping#MAPPING_ERROR}
   */
  protected abstract long map(
      Device device, long phys, long sizeBytes, DmaDirection direction, long mask);

  /** Unmaps what {@link #map} mapped, with its size. */
  protected abstract void unmap(Device device, long dmaAddr, long sizeBytes);

  @Override
  public final long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    return map(device, phys, sizeBytes, direction, device.dmaMask());
  }

  @Override
  public final void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    unmap(device, dmaAddr, sizeBytes);
  }

  @Override
  public final int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    for (int i = 0; i < list.size(); i++) {
      long dmaAddr = mapPage(device, list.phys(i), list.lengthBytes(i), direction, attributes);
      if (dmaAddr == DmaMapping.MAPPING_ERROR) {
        unmapFirst(device, list, i);
        return 0;
      }
      list.setDma(i, dmaAddr, list.lengthBytes(i));
    }
    return list.size();
  }

  private void unmapFirst(Device device, ScatterList list, int entries) {
    for (int i = 0; i < entries; i++) {
      unmap(device, list.dmaAddr(i), list.dmaLengthBytes(i));
    }
  }

  @Override
  public final void unmapSg(
      Device device, ScatterList list, DmaDirection direction, int attributes) {
    unmapFirst(device, list, list.size());
  }

  @Override
  public final long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    return mapPage(device, phys, sizeBytes, direction, attributes);
  }

  @Override
  public final void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    unmap(device, dmaAddr, sizeBytes);
  }

  @Override
  public final @Nullable CoherentBuffer allocCoherent(
      Device device, long sizeBytes, int attributes) {
    long pages = Pages.touched(0, sizeBytes);
    int order = pages == 1 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(pages - 1);
    PageAllocator buffers = services.buffers();
    long phys =
        order > FrameAllocator.MAX_ORDER
            ? PageAllocator.NONE
            : buffers.allocate(order, MemoryZone.NORMAL);
    if (phys == PageAllocator.NONE) {
      return null;
    }
    services.memory().fill(phys, pages << PAGE_SHIFT, (byte) 0);
    long mask = device.coherentDmaMask();
    long dmaAddr = map(device, phys, sizeBytes, DmaDirection.BIDIRECTIONAL, mask);
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      buffers.free(phys);
      return null;
    }
    return new CoherentBuffer(phys, dmaAddr, sizeBytes);
  }

  @Override
  public final void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    unmap(device, buffer.dmaAddr(), buffer.sizeBytes());
    services.buffers().free(buffer.phys());
  }

  @Override
  public boolean isSupported(Device device, long mask) {
    return Long.compareUnsigned(mask, DmaMapping.bitMask(24)) >= 0;
  }
}
