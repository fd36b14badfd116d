package org.iommu4j.toy;

import java.util.Objects;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.testkit.skeleton.SkeletalDmaOps;

/** Maps into the flat table; there is no cache to flush. */
final class ToyOps extends SkeletalDmaOps {
  ToyOps(SystemServices services) {
    super(services);
  }

  @Override
  public String symbol() {
    return "toy_dma_ops";
  }

  @Override
  protected long map(Device device, long phys, long size, DmaDirection direction, long mask) {
    ToyDomain domain = (ToyDomain) Objects.requireNonNull(device.iommuPrivate());
    long pages = ((phys & 4095) + size + 4095) >>> 12;
    long reach = ToyDomain.REACH_BYTES - 1;
    long limit = Long.compareUnsigned(mask, reach) < 0 ? mask : reach;
    long ceiling = Long.highestOneBit(2 * pages - 1);
    long pfn = domain.iova().allocFast(services().currentCpu(), ceiling, limit >>> 12, true);
    int rights = (direction.deviceReads() ? 1 : 0) | (direction.deviceWrites() ? 2 : 0);
    for (long i = 0; pfn != 0 && i < pages; i++) {
      domain.set(pfn + i, ((phys & -4096) + (i << 12)) | rights);
    }
    return pfn == 0 ? DmaMapping.MAPPING_ERROR : (pfn << 12) + (phys & 4095);
  }

  @Override
  protected void unmap(Device device, long dmaAddr, long size) {
    ToyDomain domain = (ToyDomain) Objects.requireNonNull(device.iommuPrivate());
    long pages = ((dmaAddr & 4095) + size + 4095) >>> 12;
    for (long i = 0; i < pages; i++) {
      domain.set((dmaAddr >>> 12) + i, 0);
    }
    long ceiling = Long.highestOneBit(2 * pages - 1);
    domain.iova().freeFast(services().currentCpu(), dmaAddr >>> 12, ceiling);
  }
}
