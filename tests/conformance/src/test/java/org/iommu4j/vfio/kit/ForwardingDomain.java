package org.iommu4j.vfio.kit;

import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;

/** A domain like another; what is unlike is overridden. */
abstract class ForwardingDomain implements IommuDomain {
  private final IommuDomain like;

  ForwardingDomain(IommuDomain like) {
    this.like = like;
  }

  /** Returns the other. */
  final IommuDomain like() {
    return like;
  }

  @Override
  public DomainType type() {
    return like.type();
  }

  @Override
  public long pageSizes() {
    return like.pageSizes();
  }

  @Override
  public DomainGeometry geometry() {
    return like.geometry();
  }

  @Override
  public int map(long iova, long phys, long sizeBytes, int protection) {
    return like.map(iova, phys, sizeBytes, protection);
  }

  @Override
  public long unmap(long iova, long sizeBytes, IotlbGather gather) {
    return like.unmap(iova, sizeBytes, gather);
  }

  @Override
  public void iotlbSync(IotlbGather gather) {
    like.iotlbSync(gather);
  }

  @Override
  public long iovaToPhys(long iova) {
    return like.iovaToPhys(iova);
  }

  @Override
  public void applyReservedRegion(ReservedRegion region) {
    like.applyReservedRegion(region);
  }

  @Override
  public void visit(LeafVisitor visitor) {
    like.visit(visitor);
  }
}
