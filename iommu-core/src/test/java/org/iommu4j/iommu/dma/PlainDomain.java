package org.iommu4j.iommu.dma;

import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;

/** Pages below 4 GiB in one array, so that nothing is allocated but by who maps. */
final class PlainDomain implements IommuDomain {
  private static final DomainGeometry GEOMETRY = new DomainGeometry(0, 0xffff_ffffL, true);

  private final DomainType type;
  private final long[] table = new long[1 << 20];

  PlainDomain(DomainType type) {
    this.type = type;
  }

  @Override
  public DomainType type() {
    return type;
  }

  @Override
  public long pageSizes() {
    return 4096;
  }

  @Override
  public DomainGeometry geometry() {
    return GEOMETRY;
  }

  @Override
  public int attribute(DomainAttribute attribute) {
    return 1;
  }

  @Override
  public int map(long iova, long phys, long sizeBytes, int protection) {
    table[(int) (iova >>> 12)] = phys | protection;
    return 0;
  }

  @Override
  public long unmap(long iova, long sizeBytes, IotlbGather gather) {
    table[(int) (iova >>> 12)] = 0;
    gather.addPage(this, iova, sizeBytes);
    return sizeBytes;
  }

  @Override
  public long iovaToPhys(long iova) {
    return (table[(int) (iova >>> 12)] & -4096) + (iova & 4095);
  }

  @Override
  public void applyReservedRegion(ReservedRegion region) {}

  @Override
  public void visit(LeafVisitor visitor) {}
}
