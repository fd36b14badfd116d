package org.iommu4j.toy;

import org.iommu4j.base.Errno;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IotlbGather;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iova.IovaDomain;
import org.iommu4j.testkit.skeleton.SkeletalDomain;

/** A flat table, one word for each page with the rights in its low bits. */
record ToyDomain(DomainType type, SystemServices services, long tablePhys, IovaDomain iova)
    implements SkeletalDomain {
  private static final int TABLE_ORDER = 6;
  static final long REACH_BYTES = 4096L << (9 + TABLE_ORDER);

  ToyDomain(DomainType type, SystemServices services) {
    this(
        type,
        services,
        services.frames().allocateZeroed(TABLE_ORDER, MemoryZone.NORMAL),
        new IovaDomain(services.rules().iova(), 4096, 1, services.cpus()));
  }

  private long entry(long address) {
    return Long.compareUnsigned(address, REACH_BYTES) < 0
        ? memory().readVolatile64(tablePhys + ((address >>> 12) << 3))
        : 0;
  }

  void set(long iovaPfn, long entry) {
    memory().writeVolatile64(tablePhys + (iovaPfn << 3), entry);
  }

  private PhysicalMemory memory() {
    return services.memory();
  }

  /** The hardware's walk: one look. */
  @Override
  public long translate(long address, int right) {
    return (entry(address) & right) == 0 ? -1 : iovaToPhys(address);
  }

  @Override
  public void release() {
    services.frames().free(tablePhys);
  }

  @Override
  public long pageSizes() {
    return 4096;
  }

  @Override
  public DomainGeometry geometry() {
    return new DomainGeometry(0, REACH_BYTES - 1, true);
  }

  @Override
  public int map(long address, long phys, long sizeBytes, int protection) {
    if (Long.compareUnsigned(address + sizeBytes, REACH_BYTES) > 0) {
      return Errno.EFAULT;
    }
    set(address >>> 12, phys | protection);
    return 0;
  }

  @Override
  public long unmap(long address, long sizeBytes, IotlbGather gather) {
    if (entry(address) == 0) {
      return 0;
    }
    set(address >>> 12, 0);
    return sizeBytes;
  }

  @Override
  public long iovaToPhys(long address) {
    long entry = entry(address);
    return entry == 0 ? 0 : (entry & -4096) + (address & 4095);
  }

  @Override
  public void applyReservedRegion(ReservedRegion region) {
    iova.reserve(region.first() >>> 12, region.last() >>> 12);
  }

  @Override
  public void visit(LeafVisitor visitor) {
    for (long at = 0; at < REACH_BYTES; at += 4096) {
      if (entry(at) != 0) {
        visitor.leaf(at, entry(at) & -4096, 4096, 1, entry(at) & 4095);
      }
    }
  }
}
