package org.iommu4j.iommu.dma;

import java.util.Map;
import java.util.TreeMap;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;

/**
 * A table of 4 KiB pages, and hardware that keeps each translation it has used until it is told to
 * forget it.
 */
final class CachedDomain implements IommuDomain {
  static final long PAGE = 4096;

  private static final int ATTRIBUTES = READ | WRITE | CACHE | MMIO | PRIVILEGED;

  private final DomainType type;
  private final boolean lazyByAttribute;
  private final long pageSizes;
  private final Map<Long, Long> table = new TreeMap<>();
  private final Map<Long, Long> cached = new TreeMap<>();
  private long lastIova = (1L << 39) - 1;
  private long pagesUntilFull = Long.MAX_VALUE;
  private long nextFreed;

  int flushes;
  int syncs;
  int mapSyncs;
  long tablesFreed;

  CachedDomain(DomainType type, boolean lazyByAttribute, long pageSizes) {
    this.type = type;
    this.lazyByAttribute = lazyByAttribute;
    this.pageSizes = pageSizes;
  }

  /** Lets so many pages be mapped from here on, and no more. */
  void fillUpAfter(long pages) {
    pagesUntilFull = pages;
  }

  /** Sets the highest address that is translated. */
  void setLastIova(long last) {
    lastIova = last;
  }

  int mappedPages() {
    return table.size();
  }

  /** Lets the next unmapping unlink a table that goes by this name. */
  void unlinkTable(long freed) {
    nextFreed = freed;
  }

  /** Returns where the hardware takes an access, or -1 if it refuses it. */
  long access(long iova, int right) {
    long page = iova & -PAGE;
    Long entry = cached.get(page);
    if (entry == null) {
      entry = table.get(page);
      if (entry != null) {
        cached.put(page, entry);
      }
    }
    return entry == null || (entry & right) == 0 ? -1 : (entry & -PAGE) + iova % PAGE;
  }

  int protection(long iova) {
    Long entry = table.get(iova & -PAGE);
    return entry == null ? 0 : (int) (entry & ATTRIBUTES);
  }

  @Override
  public DomainType type() {
    return type;
  }

  @Override
  public long pageSizes() {
    return pageSizes;
  }

  @Override
  public DomainGeometry geometry() {
    return new DomainGeometry(0, lastIova, true);
  }

  @Override
  public int attribute(DomainAttribute attribute) {
    return attribute == DomainAttribute.DMA_USE_FLUSH_QUEUE && lazyByAttribute ? 1 : Errno.EINVAL;
  }

  @Override
  public int map(long iova, long phys, long sizeBytes, int protection) {
    if ((pageSizes & sizeBytes) == 0 || ((iova | phys) & sizeBytes - 1) != 0) {
      throw new AssertionError(
          String.format("0x%x to 0x%x: no page of 0x%x", iova, phys, sizeBytes));
    }
    for (long at = 0; at < sizeBytes; at += PAGE) {
      if (pagesUntilFull == 0) {
        // As Intel's driver, which leaves what it has mapped of a page.
        return Errno.ENOMEM;
      }
      pagesUntilFull--;
      if (table.put(iova + at, phys + at | protection) != null) {
        throw new AssertionError(String.format("0x%x is mapped already", iova + at));
      }
    }
    return 0;
  }

  @Override
  public long unmap(long iova, long sizeBytes, IotlbGather gather) {
    if (table.get(iova) == null) {
      return 0;
    }
    for (long at = 0; at < sizeBytes; at += PAGE) {
      table.remove(iova + at);
    }
    if (!gather.isQueued()) {
      gather.addPage(this, iova, sizeBytes);
    }
    gather.setFreedTables(gather.freedTables() + nextFreed);
    nextFreed = 0;
    return sizeBytes;
  }

  @Override
  public void iotlbSyncMap() {
    mapSyncs++;
  }

  @Override
  public void iotlbSync(IotlbGather gather) {
    syncs++;
    if (!gather.isEmpty()) {
      cached
          .keySet()
          .removeIf(page -> page - gather.firstIova() >= 0 && page - gather.lastIova() <= 0);
    }
    tablesFreed += gather.freedTables();
  }

  @Override
  public void flushIotlbAll() {
    flushes++;
    cached.clear();
  }

  @Override
  public void freeTables(long freedTables) {
    tablesFreed += freedTables;
  }

  @Override
  public long iovaToPhys(long iova) {
    Long entry = table.get(iova & -PAGE);
    return entry == null ? 0 : (entry & -PAGE) + iova % PAGE;
  }

  @Override
  public void applyReservedRegion(ReservedRegion region) {
    throw new AssertionError("dma-iommu reserves regions itself");
  }

  @Override
  public void visit(LeafVisitor visitor) {
    table.forEach((iova, entry) -> visitor.leaf(iova, entry & -PAGE, PAGE, 1, entry % PAGE));
  }
}
