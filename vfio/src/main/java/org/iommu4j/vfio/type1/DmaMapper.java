package org.iommu4j.vfio.type1;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.base.Errno;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.vfio.process.UserProcess;
import org.iommu4j.vfio.uapi.DmaMap;

/**
 * Makes mappings. Guarded by the lock of its {@link Type1Iommu}.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_map}.
 */
final class DmaMapper {
  private final Type1State state;
  private final DmaRemover remover;

  DmaMapper(Type1State state, DmaRemover remover) {
    this.state = state;
    this.remover = remover;
  }

  /** Source: {@code vfio_iommu_type1_map_dma}. */
  int map(UserProcess caller, DmaMap request) {
    int known = DmaMap.READ | DmaMap.WRITE | (state.rules.movesMemory() ? DmaMap.VADDR : 0);
    if (Integer.compareUnsigned(request.argszBytes(), DmaMap.SIZE_BYTES) < 0
        || (request.flags() & ~known) != 0) {
      return Errno.EINVAL;
    }
    boolean moves = (request.flags() & DmaMap.VADDR) != 0;
    if ((protection(request) != 0) == moves || !isWellFormed(request)) {
      return Errno.EINVAL;
    }
    return moves ? move(caller, request) : mapNew(caller, request);
  }

  /** Gives a mapping that is there another address in the process. */
  private int move(UserProcess caller, DmaMap request) {
    DmaEntry mapping = state.mappings.find(request.iova(), request.sizeBytes());
    if (mapping == null) {
      return Errno.ENOENT;
    }
    if (mapping.isValid()
        || mapping.iova() != request.iova()
        || mapping.sizeBytes() != request.sizeBytes()) {
      return Errno.EINVAL;
    }
    int error = PagePinner.changeOwner(mapping, caller);
    if (error == 0) {
      mapping.moveTo(request.vaddr());
      mapping.setValid(true);
      state.invalidMappings--;
    }
    return error;
  }

  private int mapNew(UserProcess caller, DmaMap request) {
    int error = check(request);
    if (error != 0) {
      return error;
    }
    state.dmaAvail--;
    DmaEntry mapping = new DmaEntry(request.iova(), request.vaddr(), protection(request), caller);
    state.mappings.link(mapping);
    error = pinAndMap(mapping, request.sizeBytes());
    if (error == 0 && state.tracksDirty) {
      mapping.setDirty(DirtyTracker.allClean(mapping, state.pageBytes()));
    }
    return error;
  }

  private boolean isWellFormed(DmaMap request) {
    long iova = request.iova();
    long size = request.sizeBytes();
    long pageMask = state.pageBytes() - 1;
    return size != 0
        && ((size | iova | request.vaddr()) & pageMask) == 0
        && !wraps(iova, size)
        && !wraps(request.vaddr(), size);
  }

  private int check(DmaMap request) {
    long iova = request.iova();
    long size = request.sizeBytes();
    if (state.mappings.find(iova, size) != null) {
      return Errno.EEXIST;
    }
    if (state.dmaAvail == 0) {
      return Errno.ENOSPC;
    }
    return state.iovas.allows(iova, iova + size - 1) ? 0 : Errno.EINVAL;
  }

  static boolean wraps(long start, long sizeBytes) {
    return Long.compareUnsigned(start + sizeBytes - 1, start) < 0;
  }

  private static int protection(DmaMap request) {
    return ((request.flags() & DmaMap.WRITE) != 0 ? IommuDomain.WRITE : 0)
        | ((request.flags() & DmaMap.READ) != 0 ? IommuDomain.READ : 0);
  }

  /** Source: {@code vfio_pin_map_dma}. */
  private int pinAndMap(DmaEntry mapping, long sizeBytes) {
    PagePinner pinner = new PagePinner(state.host, mapping.process());
    int error = 0;
    while (mapping.sizeBytes() != sizeBytes) {
      long doneBytes = mapping.sizeBytes();
      long leftPages = (sizeBytes - doneBytes) >>> PAGE_SHIFT;
      long pages = pinner.pin(mapping, mapping.vaddr() + doneBytes, leftPages);
      if (pages < 0) {
        error = (int) pages;
        break;
      }
      error = mapRun(mapping, pinner.basePfn(), pages);
      if (error != 0) {
        PagePinner.account(mapping, -pinner.unpin(pinner.basePfn(), pages));
        break;
      }
      mapping.grow(pages << PAGE_SHIFT);
    }
    mapping.setIommuMapped(true);
    if (error != 0) {
      remover.remove(mapping);
    }
    return error;
  }

  /** Maps a run in all domains or in none. Source: {@code vfio_iommu_map}. */
  private int mapRun(DmaEntry mapping, long pfn, long pages) {
    long iova = mapping.endIova();
    for (int i = 0; i < state.domains.size(); i++) {
      Type1Domain domain = state.domains.get(i);
      int protection = mapping.protection() | domain.protection();
      int error =
          state
              .iommu()
              .map(domain.domain(), iova, pfn << PAGE_SHIFT, pages << PAGE_SHIFT, protection);
      if (error != 0) {
        for (int j = i - 1; j >= 0; j--) {
          state.iommu().unmap(state.domains.get(j).domain(), iova, pages << PAGE_SHIFT);
        }
        return error;
      }
    }
    return 0;
  }
}
