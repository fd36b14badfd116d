package org.iommu4j.vfio.type1;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.vfio.uapi.IommuType;

/**
 * What a container's IOMMU holds. Guarded by the lock of its {@link Type1Iommu}.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:struct vfio_iommu}.
 */
final class Type1State {
  /** The size of a page of a process. */
  static final long PAGE_BYTES = PhysicalMemory.FRAME_BYTES;

  static final int PAGE_SHIFT = PhysicalMemory.FRAME_SHIFT;

  final Type1Host host;
  final boolean v2;

  /** Whether domains are to have two stages. */
  final boolean nests;

  /** The domains, the newest first. */
  final List<Type1Domain> domains = new ArrayList<>();

  final DmaList mappings = new DmaList();
  IovaList iovas = new IovaList();
  int dmaAvail;
  long pageSizes;
  boolean tracksDirty;

  /** Source: {@code vfio_iommu_type1_open}. */
  Type1State(Type1Host host, int type) {
    this.host = host;
    this.v2 = type != IommuType.TYPE1;
    this.nests = type == IommuType.TYPE1_NESTING;
    this.dmaAvail = host.parameters().dmaEntryLimit();
  }

  IommuApi iommu() {
    return host.iommu();
  }

  /** Returns the smallest page that can be mapped. */
  long pageBytes() {
    return Long.lowestOneBit(pageSizes);
  }

  /** Source: {@code vfio_update_pgsize_bitmap}. */
  void updatePageSizes() {
    pageSizes = -1;
    domains.forEach(domain -> pageSizes &= domain.domain().pageSizes());
    if ((pageSizes & PAGE_BYTES - 1) != 0) {
      pageSizes = (pageSizes & -PAGE_BYTES) | PAGE_BYTES;
    }
  }
}
