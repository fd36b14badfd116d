package org.iommu4j.iommu.dma;

import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.base.Errno;
import org.iommu4j.dma.CommonPages;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPath;
import org.iommu4j.dma.ScatterList;

/**
 * The same for a device that is not trusted: a buffer that does not fill its pages is copied to
 * pages that hold nothing else. Entries of a list are mapped one by one and never joined.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:dev_use_swiotlb}.
 */
final class UntrustedDmaOps extends IommuDmaOps {
  private final BouncedBuffers buffers;

  UntrustedDmaOps(
      DmaIommuRules rules,
      DeviceMapper mapper,
      CommonPages commonPages,
      CoherentMemory block,
      CoherentMemory coherent,
      BouncedBuffers buffers) {
    super(rules, mapper, commonPages, block, coherent);
    this.buffers = buffers;
  }

  @Override
  public DmaPath path() {
    return DmaPath.BOUNCED;
  }

  @Override
  public long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    DmaIommuCalls.MapPage call = begun(DmaIommuCalls.MapPage.OFF);
    long dmaAddr = map(device, phys, sizeBytes, direction, attributes);
    call.done(device, phys, sizeBytes, direction, attributes, dmaAddr);
    return dmaAddr;
  }

  private long map(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    if (buffers.fillsPages(phys, sizeBytes)) {
      return mapSeen(device, phys, sizeBytes, direction, attributes);
    }
    long copyPhys = buffers.copy(device, phys, sizeBytes, direction, attributes);
    if (copyPhys == DmaMapping.MAPPING_ERROR) {
      return copyPhys;
    }
    long dmaAddr = mapSeen(device, copyPhys, sizeBytes, direction, attributes);
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      buffers.drop(device, copyPhys, sizeBytes, direction, attributes);
    }
    return dmaAddr;
  }

  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    DmaIommuCalls.UnmapPage call = begun(DmaIommuCalls.UnmapPage.OFF);
    long phys = physOf(dmaAddr);
    if (phys != 0) {
      mapper().unmap(dmaAddr, sizeBytes);
      if (buffers.isCopy(phys)) {
        buffers.drop(device, phys, sizeBytes, direction, attributes);
      }
    }
    call.done(device, dmaAddr, sizeBytes, direction, attributes);
  }

  /** Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_map_sg_swiotlb}. */
  @Override
  public int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    for (int i = 0; i < list.size(); i++) {
      long dmaAddr = mapPage(device, list.phys(i), list.lengthBytes(i), direction, attributes);
      if (dmaAddr == DmaMapping.MAPPING_ERROR) {
        list.setDma(i, dmaAddr, list.dmaLengthBytes(i));
        unmapFirst(i, device, list, direction, attributes | DmaAttributes.SKIP_CPU_SYNC);
        return told(Errno.EIO);
      }
      list.setDma(i, dmaAddr, list.lengthBytes(i));
    }
    return list.size();
  }

  @Override
  public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    unmapFirst(list.size(), device, list, direction, attributes);
  }

  private void unmapFirst(
      int count, Device device, ScatterList list, DmaDirection direction, int attributes) {
    for (int i = 0; i < count; i++) {
      unmapPage(device, list.dmaAddr(i), list.dmaLengthBytes(i), direction, attributes);
    }
  }

  @Override
  public void syncSingleForCpu(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    long phys = physOf(dmaAddr);
    if (buffers.isCopy(phys)) {
      buffers.syncForCpu(device, phys, sizeBytes, direction);
    }
  }

  @Override
  public void syncSingleForDevice(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    long phys = physOf(dmaAddr);
    if (buffers.isCopy(phys)) {
      buffers.syncForDevice(device, phys, sizeBytes, direction);
    }
  }

  @Override
  public void syncSgForCpu(Device device, ScatterList list, DmaDirection direction) {
    for (int i = 0; i < list.size(); i++) {
      syncSingleForCpu(device, list.dmaAddr(i), list.lengthBytes(i), direction);
    }
  }

  @Override
  public void syncSgForDevice(Device device, ScatterList list, DmaDirection direction) {
    for (int i = 0; i < list.size(); i++) {
      syncSingleForDevice(device, list.dmaAddr(i), list.lengthBytes(i), direction);
    }
  }

  @Override
  public long maxMappingSizeBytes(Device device) {
    return buffers.maxBytes(device);
  }
}
