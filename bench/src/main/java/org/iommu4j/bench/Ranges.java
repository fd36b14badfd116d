package org.iommu4j.bench;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iova.IovaDomain;

/** A way to take ranges out of an address space and to give them back. */
interface Ranges {
  /** The highest page frame below 4 GiB. */
  long LIMIT_32 = (1L << 20) - 1;

  /** The highest page frame of 48 address bits. */
  long LIMIT_48 = (1L << 36) - 1;

  /** Takes a range of this size; returns its first page frame. */
  long take(long pages);

  /** Gives a range back. */
  void give(long pfn, long pages);

  /** Returns an empty address space, as a driver on two CPUs makes it. */
  static IovaDomain space() {
    return new IovaDomain(KernelReleases.usual().iova(), PAGE_BYTES, 1, 2);
  }

  /** Through the caches of CPU 0. */
  static Ranges cached(IovaDomain space, long limitPfn) {
    return new Ranges() {
      @Override
      public long take(long pages) {
        return space.allocFast(0, pages, limitPfn, true);
      }

      @Override
      public void give(long pfn, long pages) {
        space.freeFast(0, pfn, pages);
      }
    };
  }

  /** As the driver does for a device with a wide mask: below 4 GiB if there is room. */
  static Ranges policy(IovaDomain space) {
    return new Ranges() {
      @Override
      public long take(long pages) {
        long pfn = space.allocFast(0, pages, LIMIT_32, false);
        return pfn != 0 ? pfn : space.allocFast(0, pages, LIMIT_48, true);
      }

      @Override
      public void give(long pfn, long pages) {
        space.freeFast(0, pfn, pages);
      }
    };
  }

  /** In the tree, past the caches. */
  static Ranges tree(IovaDomain space, long limitPfn) {
    return new Ranges() {
      @Override
      public long take(long pages) {
        return space.alloc(pages, limitPfn, true);
      }

      @Override
      public void give(long pfn, long pages) {
        if (!space.free(pfn)) {
          throw new AssertionError("not allocated: " + pfn);
        }
      }
    };
  }
}
