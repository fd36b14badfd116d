package org.iommu4j.swiotlb;

import org.iommu4j.base.Errno;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.DmaReach;
import org.iommu4j.dma.ScatterList;

/**
 * Operations that may bounce: each entry of a list is mapped, synced and unmapped as a buffer of
 * its own, since each may get slots or not.
 *
 * <p>Source: {@code kernel/dma/direct.c:dma_direct_map_sg}, {@code
 * drivers/iommu/intel/iommu.c:bounce_map_sg}.
 */
public abstract class EntrywiseDmaOps implements DmaOps {
  private final long maxPfn;

  /**
   * Makes the operations of one system.
   *
   * @param maxPfn the number of the page frame after the last of RAM
   */
  protected EntrywiseDmaOps(long maxPfn) {
    this.maxPfn = maxPfn;
  }

  /**
   * Maps an entry of a list.
   *
   * @return its address for the device, or {@link DmaMapping#MAPPING_ERROR}
   */
  protected abstract long mapEntry(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes);

  @Override
  public final int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    for (int i = 0; i < list.size(); i++) {
      int lengthBytes = list.lengthBytes(i);
      long dmaAddr = mapEntry(device, list.phys(i), lengthBytes, direction, attributes);
      if (dmaAddr == DmaMapping.MAPPING_ERROR) {
        unmapFirst(i, device, list, direction, attributes | DmaAttributes.SKIP_CPU_SYNC);
        return Errno.EIO;
      }
      list.setDma(i, dmaAddr, lengthBytes);
    }
    return list.size();
  }

  @Override
  public final void unmapSg(
      Device device, ScatterList list, DmaDirection direction, int attributes) {
    unmapFirst(list.size(), device, list, direction, attributes);
  }

  private void unmapFirst(
      int count, Device device, ScatterList list, DmaDirection direction, int attributes) {
    for (int i = 0; i < count; i++) {
      unmapPage(device, list.dmaAddr(i), list.dmaLengthBytes(i), direction, attributes);
    }
  }

  @Override
  public final void syncSgForCpu(Device device, ScatterList list, DmaDirection direction) {
    for (int i = 0; i < list.size(); i++) {
      syncSingleForCpu(device, list.dmaAddr(i), list.dmaLengthBytes(i), direction);
    }
  }

  @Override
  public final void syncSgForDevice(Device device, ScatterList list, DmaDirection direction) {
    for (int i = 0; i < list.size(); i++) {
      syncSingleForDevice(device, list.dmaAddr(i), list.dmaLengthBytes(i), direction);
    }
  }

  @Override
  public final boolean isSupported(Device device, long mask) {
    return DmaReach.isSupported(mask, maxPfn);
  }

  /** Returns the number of the page frame after the last of RAM. */
  protected final long maxPfn() {
    return maxPfn;
  }
}
