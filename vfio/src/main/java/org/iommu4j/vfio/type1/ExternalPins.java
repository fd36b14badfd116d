package org.iommu4j.vfio.type1;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.base.Errno;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.spi.IommuDomain;
import org.jspecify.annotations.Nullable;

/**
 * Pins pages for drivers in the kernel. Guarded by the lock of its {@link Type1Iommu}.
 *
 * <p>What is pinned here is mapped for the IOMMU as well, and that mapping counts it as locked.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_pin_pages}, {@code
 * vfio_iommu_type1_unpin_pages}.
 */
final class ExternalPins {
  private final Type1State state;

  ExternalPins(Type1State state) {
    this.state = state;
  }

  /** Pins pages, all or none. */
  int pin(IommuGroup group, long[] iovaPfns, int protection, long[] pfns) {
    if (!state.v2) {
      return Errno.EACCES;
    }
    if (state.invalidMappings > 0) {
      return Errno.EBUSY;
    }
    if (state.listeners.isEmpty()) {
      return Errno.EINVAL;
    }
    for (int i = 0; i < iovaPfns.length; i++) {
      long pfn = pin(iovaPfns[i] << PAGE_SHIFT, protection);
      if (pfn < 0) {
        pfns[i] = 0;
        undo(iovaPfns, i, pfns);
        return (int) pfn;
      }
      pfns[i] = pfn;
    }
    if (state.reportingGroups.add(group)) {
      state.updateDirtyScope();
    }
    return iovaPfns.length;
  }

  private void undo(long[] iovaPfns, int pages, long[] pfns) {
    for (int i = 0; i < pages; i++) {
      unpin(iovaPfns[i] << PAGE_SHIFT);
      pfns[i] = 0;
    }
  }

  /** Returns the frame's number, or a negative error number. */
  private long pin(long iova, int protection) {
    DmaEntry mapping = state.mappings.find(iova, PAGE_BYTES);
    if (mapping == null) {
      return Errno.EINVAL;
    }
    if ((mapping.protection() & protection) != protection) {
      return Errno.EPERM;
    }
    PinnedPage pinned = mapping.pins().get(iova);
    if (pinned != null) {
      pinned.pinAgain();
      return pinned.pfn();
    }
    if (mapping.process().hasExited()) {
      return Errno.ENODEV;
    }
    boolean write = (mapping.protection() & IommuDomain.WRITE) != 0;
    long vaddr = mapping.vaddr() + (iova - mapping.iova());
    long pfn = mapping.process().memory().pin(vaddr, write);
    if (pfn >= 0) {
      mapping.pins().put(iova, new PinnedPage(pfn));
      DirtyBits dirty = mapping.dirty();
      if (dirty != null) {
        dirty.set((int) ((iova - mapping.iova()) / state.pageBytes()));
      }
    }
    return pfn;
  }

  /** Unpins pages; returns how many, or -EINVAL if nothing is mapped at the first. */
  int unpin(long[] iovaPfns) {
    if (!state.v2) {
      return Errno.EACCES;
    }
    int done = 0;
    while (done < iovaPfns.length && unpin(iovaPfns[done] << PAGE_SHIFT)) {
      done++;
    }
    return done > 0 ? done : Errno.EINVAL;
  }

  /** Unpins a page if it is pinned; returns whether anything is mapped there. */
  private boolean unpin(long iova) {
    @Nullable DmaEntry mapping = state.mappings.find(iova, PAGE_BYTES);
    if (mapping == null) {
      return false;
    }
    PinnedPage pinned = mapping.pins().get(iova);
    if (pinned != null && pinned.unpin()) {
      state.host.userFrames().unpin(pinned.pfn());
      mapping.pins().remove(iova);
    }
    return true;
  }
}
