package org.iommu4j.vtd.driver;

import org.iommu4j.base.Errno;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;

/**
 * A domain that needs no table, because the context entries say all of it. Immutable.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:identity_domain}, {@code blocking_domain}.
 *
 * @param type {@link DomainType#IDENTITY} or {@link DomainType#BLOCKED}
 */
record StaticDomain(DomainType type) implements IommuDomain {
  /** Where addresses pass through. */
  static final StaticDomain IDENTITY = new StaticDomain(DomainType.IDENTITY);

  /** Where nothing gets through. */
  static final StaticDomain BLOCKING = new StaticDomain(DomainType.BLOCKED);

  private static final DomainGeometry NONE = new DomainGeometry(0, 0, false);

  @Override
  public long pageSizes() {
    return 0;
  }

  @Override
  public DomainGeometry geometry() {
    return NONE;
  }

  @Override
  public int map(long iova, long phys, long sizeBytes, int protection) {
    return Errno.EINVAL;
  }

  @Override
  public long unmap(long iova, long sizeBytes, IotlbGather gather) {
    return 0;
  }

  /** Source: {@code drivers/iommu/iommu.c:iommu_iova_to_phys}. */
  @Override
  public long iovaToPhys(long iova) {
    return type == DomainType.IDENTITY ? iova : 0;
  }

  @Override
  public void applyReservedRegion(ReservedRegion region) {}

  @Override
  public void visit(LeafVisitor visitor) {}
}
