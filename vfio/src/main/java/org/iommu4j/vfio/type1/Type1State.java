package org.iommu4j.vfio.type1;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.iommu4j.base.Pages;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vfio.uapi.UnmapListener;

/**
 * What a container's IOMMU holds. Guarded by the lock of its {@link Type1Iommu}.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:struct vfio_iommu}.
 */
final class Type1State {

  final Type1Host host;
  final Type1Rules rules;
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

  /** How many mappings have no valid address in a process at present. */
  int invalidMappings;

  /** Whether all that devices write lies in pages that their drivers pinned. */
  boolean pinnedPageDirtyScope;

  /** The groups whose drivers tell what their devices write: they pinned pages. */
  final Set<IommuGroup> reportingGroups = new HashSet<>();

  /** Who is told before pinned pages are unmapped; may be read without the lock. */
  final List<UnmapListener> listeners = new CopyOnWriteArrayList<>();

  /** Source: {@code vfio_iommu_type1_open}. */
  Type1State(Type1Host host, int type) {
    this.host = host;
    this.rules = host.rules();
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
    if (!Pages.isAligned(pageSizes)) {
      pageSizes = (pageSizes & -PAGE_BYTES) | PAGE_BYTES;
    }
  }

  /** Source: {@code update_pinned_page_dirty_scope}. */
  void updateDirtyScope() {
    pinnedPageDirtyScope =
        domains.stream().allMatch(domain -> reportingGroups.containsAll(domain.groups()));
  }
}
