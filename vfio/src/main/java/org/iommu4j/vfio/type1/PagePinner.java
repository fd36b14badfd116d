package org.iommu4j.vfio.type1;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.base.Errno;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.vfio.process.PageFrames;
import org.iommu4j.vfio.process.ProcessMemory;
import org.iommu4j.vfio.process.UserProcess;

/**
 * Pins the pages of a mapping, run by run, and keeps the account of locked pages. One for each call
 * of a process; not thread-safe.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_pin_pages_remote}.
 */
final class PagePinner {
  private final Type1Host host;
  private final PageFrames frames;
  private final ProcessMemory memory;
  private final long limitPages;
  private long basePfn;

  /**
   * Makes a pinner for a call.
   *
   * @param caller the process whose memory is pinned
   */
  PagePinner(Type1Host host, UserProcess caller) {
    this.host = host;
    this.frames = host.userFrames();
    this.memory = caller.memory();
    this.limitPages = caller.memlockPages();
  }

  /** Returns the frame that the last run began with. */
  long basePfn() {
    return basePfn;
  }

  /**
   * Pins the page at an address and those that follow it in memory as well as in the process.
   *
   * @return how many pages, at least 1; or a negative error number, after which none is pinned
   */
  long pin(DmaEntry mapping, long vaddr, long mostPages) {
    boolean write = (mapping.protection() & IommuDomain.WRITE) != 0;
    long first = memory.pin(vaddr, write);
    if (first < 0) {
      return first;
    }
    basePfn = first;
    boolean reserved = frames.isReserved(first);
    if (!reserved && !fits(mapping, 1)) {
      frames.unpin(first);
      return Errno.ENOMEM;
    }
    long pages = 1;
    long most = host.parameters().disableHugepages() ? 1 : mostPages;
    while (pages < most) {
      long pfn = memory.pin(vaddr + (pages << PAGE_SHIFT), write);
      if (pfn < 0) {
        break;
      }
      if (pfn != first + pages || frames.isReserved(pfn) != reserved) {
        frames.unpin(pfn);
        break;
      }
      if (!reserved && !fits(mapping, pages + 1)) {
        unpin(first, pages + 1);
        return Errno.ENOMEM;
      }
      pages++;
    }
    int error = account(mapping, reserved ? 0 : pages);
    if (error != 0) {
      unpin(first, reserved ? 0 : pages);
      return error;
    }
    return pages;
  }

  private boolean fits(DmaEntry mapping, long morePages) {
    if (mapping.isLockCapable() || memory.lockedPages() + morePages <= limitPages) {
      return true;
    }
    host.log()
        .accept(
            "vfio_pin_pages_remote: RLIMIT_MEMLOCK (" + (limitPages << PAGE_SHIFT) + ") exceeded");
    return false;
  }

  /**
   * Unpins a run.
   *
   * @return how many of its pages count as locked
   */
  long unpin(long firstPfn, long pages) {
    long unlocked = 0;
    for (long i = 0; i < pages; i++) {
      if (frames.unpin(firstPfn + i)) {
        unlocked++;
      }
    }
    return unlocked;
  }

  /**
   * Counts pages of the mapping's process as locked, or no more; nothing happens if it has ended.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_lock_acct}.
   */
  static int account(DmaEntry mapping, long pages) {
    UserProcess process = mapping.process();
    if (process.hasExited()) {
      return 0;
    }
    int error = process.memory().account(pages, process.memlockPages(), mapping.isLockCapable());
    mapping.countLocked(error == 0 ? pages : 0);
    return error;
  }

  /**
   * Makes a process pay for a mapping's locked pages that another one paid for.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_change_dma_owner}.
   */
  static int changeOwner(DmaEntry mapping, UserProcess owner) {
    UserProcess former = mapping.process();
    if (former.memory() == owner.memory()) {
      return 0;
    }
    long pages = mapping.lockedPages();
    int error = owner.memory().account(pages, owner.memlockPages(), owner.isIpcLockCapable());
    if (error != 0) {
      return error;
    }
    if (!former.hasExited()) {
      int unused = former.memory().account(-pages, 0, true);
    }
    mapping.setProcess(owner);
    return 0;
  }
}
