package org.iommu4j.vfio.process;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.iommu4j.base.Errno;
import org.iommu4j.base.Pages;
import org.jspecify.annotations.Nullable;

/**
 * A process's memory: what it has mapped, the frames behind the pages that were touched, and how
 * many pages count as locked.
 *
 * <p>Addresses are virtual, below 2^47, and multiples of 4096 where they begin a range.
 * Thread-safe; its lock is the kernel's {@code mmap_lock} and is taken after a container's.
 *
 * <p>Source: {@code include/linux/mm_types.h:struct mm_struct}.
 */
public final class ProcessMemory {
  /** The first address that no process has. */
  public static final long END_VADDR = (1L << 47) - PAGE_BYTES;

  private final PageFrames frames;

  @GuardedBy("this") private final NavigableMap<Long, VirtualArea> areas = new TreeMap<>();

  @GuardedBy("this") private long lockedPages;

  ProcessMemory(PageFrames frames) {
    this.frames = frames;
  }

  /** Returns the frames that all processes of the system share. */
  public PageFrames frames() {
    return frames;
  }

  /**
   * Maps memory at an address, in place of what was there.
   *
   * <p>Source: {@code mm/mmap.c:do_mmap} with {@code MAP_FIXED}.
   *
   * @param sizeBytes rounded up to whole pages of the backing
   * @return 0; -EINVAL if the size is 0 or the address does not begin a page of the backing;
   *     -ENOMEM if the range reaches beyond {@link #END_VADDR}
   */
  public synchronized int mmap(long vaddr, long sizeBytes, MemoryRights rights, Backing backing) {
    long pageMask = ((long) PAGE_BYTES << backing.order()) - 1;
    if (sizeBytes <= 0 || (vaddr & pageMask) != 0) {
      return Errno.EINVAL;
    }
    long end = vaddr + (sizeBytes + pageMask & ~pageMask);
    if (vaddr < 0 || end < 0 || end > END_VADDR) {
      return Errno.ENOMEM;
    }
    cut(vaddr, end);
    areas.put(vaddr, new VirtualArea(vaddr, end, rights, backing));
    return 0;
  }

  /**
   * Maps memory at an address that is free, the highest there is.
   *
   * @return the address, or a negative error number
   */
  public synchronized long mmap(long sizeBytes, MemoryRights rights, Backing backing) {
    long pageMask = ((long) PAGE_BYTES << backing.order()) - 1;
    long top = END_VADDR;
    for (VirtualArea area : areas.descendingMap().values()) {
      if ((top - sizeBytes & ~pageMask) >= area.endVaddr()) {
        break;
      }
      top = area.startVaddr();
    }
    long vaddr = top - sizeBytes & ~pageMask;
    int error = vaddr <= 0 ? Errno.ENOMEM : mmap(vaddr, sizeBytes, rights, backing);
    return error == 0 ? vaddr : error;
  }

  /**
   * Unmaps what lies in a range; pages that are pinned stay in memory, but the process cannot reach
   * them any more.
   *
   * <p>Source: {@code mm/mmap.c:__do_munmap}.
   *
   * @return 0; -EINVAL if the range does not begin a page, is empty or is cut into a huge page
   */
  public synchronized int munmap(long vaddr, long sizeBytes) {
    long end = vaddr + Pages.alignUp(sizeBytes);
    if (!Pages.isAligned(vaddr) || sizeBytes <= 0 || vaddr < 0 || end < 0) {
      return Errno.EINVAL;
    }
    if (!isCuttable(vaddr) || !isCuttable(end)) {
      return Errno.EINVAL;
    }
    cut(vaddr, end);
    return 0;
  }

  @GuardedBy("this") private boolean isCuttable(long vaddr) {
    VirtualArea area = find(vaddr);
    long pageBytes = area == null ? 1 : (long) PAGE_BYTES << area.backing().order();
    return (vaddr & pageBytes - 1) == 0;
  }

  @GuardedBy("this") private void cut(long start, long end) {
    Map.Entry<Long, VirtualArea> below = areas.lowerEntry(end);
    while (below != null && below.getValue().endVaddr() > start) {
      VirtualArea area = below.getValue();
      areas.remove(below.getKey());
      long from = Math.max(start, area.startVaddr());
      long to = Math.min(end, area.endVaddr());
      area.part(from, to).release(frames);
      if (area.startVaddr() < from) {
        areas.put(area.startVaddr(), area.part(area.startVaddr(), from));
      }
      if (to < area.endVaddr()) {
        areas.put(to, area.part(to, area.endVaddr()));
      }
      below = areas.lowerEntry(end);
    }
  }

  @GuardedBy("this") private @Nullable VirtualArea find(long vaddr) {
    Map.Entry<Long, VirtualArea> below = areas.floorEntry(vaddr);
    return below == null || below.getValue().endVaddr() <= vaddr ? null : below.getValue();
  }

  /**
   * Pins the page behind an address, for a device that reads or also writes it; brings it in if
   * needed.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vaddr_get_pfns}.
   *
   * @return the frame's number; -EFAULT if nothing is mapped there or not for this access; -ENOMEM
   *     if there is no frame
   */
  public synchronized long pin(long vaddr, boolean write) {
    VirtualArea area = find(vaddr);
    if (area == null || !area.rights().allows(write)) {
      return Errno.EFAULT;
    }
    long pfn = area.fault(vaddr, write, frames);
    if (pfn < 0) {
      return Errno.ENOMEM;
    }
    if (area.backing() instanceof Backing.DeviceMemory) {
      return frames.isReserved(pfn) ? pfn : Errno.EFAULT;
    }
    frames.pin(pfn);
    return pfn;
  }

  /** Returns what {@code /proc/self/pagemap} says of an address, to a reader with all rights. */
  public synchronized PagemapEntry pagemap(long vaddr) {
    VirtualArea area = find(vaddr);
    long pfn = area == null ? -1 : area.frame(vaddr);
    return pfn < 0 ? new PagemapEntry(false, 0) : new PagemapEntry(true, pfn);
  }

  /**
   * Reads bytes as the process's own code does.
   *
   * <p>Throws {@link IllegalArgumentException} where the process would get a signal.
   */
  public byte[] read(long vaddr, int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    access(vaddr, bytes, false);
    return bytes;
  }

  /** Writes bytes as the process's own code does; throws as {@link #read}. */
  public void write(long vaddr, byte... bytes) {
    access(vaddr, bytes, true);
  }

  private synchronized void access(long vaddr, byte[] bytes, boolean write) {
    for (int done = 0; done < bytes.length; ) {
      long at = vaddr + done;
      VirtualArea area = find(at);
      long pfn = area == null || !area.rights().allows(write) ? -1 : area.fault(at, write, frames);
      if (pfn < 0) {
        throw new IllegalArgumentException(
            String.format("SIGSEGV: 0x%x is not mapped for %s", at, write ? "writing" : "reading"));
      }
      long phys = (pfn << PAGE_SHIFT) + (at & OFFSET_MASK);
      int length = (int) Math.min(bytes.length - done, PAGE_BYTES - (at & OFFSET_MASK));
      if (write) {
        frames.memory().write(phys, bytes, done, length);
      } else {
        frames.memory().read(phys, bytes, done, length);
      }
      done += length;
    }
  }

  /** Returns how many pages count as locked: {@code VmLck} in {@code /proc/self/status}. */
  public synchronized long lockedPages() {
    return lockedPages;
  }

  /**
   * Counts pages as locked, or no more.
   *
   * <p>Source: {@code mm/util.c:__account_locked_vm}.
   *
   * @param pages how many more; negative for fewer
   * @param limitPages how many there may be
   * @param unlimited whether the limit does not hold
   * @return 0, or -ENOMEM if there would be too many
   */
  public synchronized int account(long pages, long limitPages, boolean unlimited) {
    if (pages > 0 && !unlimited && lockedPages + pages > limitPages) {
      return Errno.ENOMEM;
    }
    if (lockedPages + pages < 0) {
      throw new AssertionError("fewer pages are locked than are unlocked: " + -pages);
    }
    lockedPages += pages;
    return 0;
  }

  synchronized void exit() {
    areas.values().forEach(area -> area.release(frames));
    areas.clear();
  }
}
