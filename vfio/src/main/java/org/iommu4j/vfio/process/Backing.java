package org.iommu4j.vfio.process;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import org.iommu4j.base.Pages;

/** What stands behind a range of a process's virtual addresses. */
public sealed interface Backing {
  /** The order of a huge page: 2^9 frames, 2 MiB. */
  int HUGE_ORDER = 9;

  /**
   * Returns private memory as {@code malloc} has it: in pages of 4 KiB, and where 2 MiB of it are
   * whole and aligned, in huge ones.
   *
   * <p>Source: {@code mm/huge_memory.c:do_huge_pmd_anonymous_page}, with {@code
   * transparent_hugepage=always}, as Debian builds it.
   */
  static Backing anonymous() {
    return new Anonymous(0, Layout.TRANSPARENT_HUGE);
  }

  /** Returns private memory in pages of 4 KiB, none of them huge. */
  static Backing small() {
    return new Anonymous(0, Layout.SMALL);
  }

  /** Returns private memory in pages of 4 KiB, no two of which lie side by side. */
  static Backing scattered() {
    return new Anonymous(0, Layout.SCATTERED);
  }

  /** Returns private memory in pages of 2 MiB, as {@code MAP_HUGETLB} gives. */
  static Backing huge() {
    return new Anonymous(HUGE_ORDER, Layout.SMALL);
  }

  /**
   * Returns device memory, such as a BAR that is mapped from a device's file.
   *
   * @param phys the address of its first byte, a multiple of 4096
   */
  static Backing device(long phys) {
    return new DeviceMemory(phys);
  }

  /** Returns the order of the pages that the memory comes in. */
  default int order() {
    return 0;
  }

  /** How pages of 4 KiB lie in physical memory. */
  enum Layout {
    /** As the allocator gives them. */
    SMALL,
    /** Never side by side. */
    SCATTERED,
    /** In blocks of 2 MiB where there is room for one. */
    TRANSPARENT_HUGE
  }

  /**
   * Memory of one process.
   *
   * @param order the order of its pages
   * @param layout how they lie
   */
  record Anonymous(int order, Layout layout) implements Backing {}

  /**
   * Addresses that have no page frames.
   *
   * @param phys the first address, a multiple of 4096
   */
  record DeviceMemory(long phys) implements Backing {
    /** Checks the address. */
    public DeviceMemory {
      checkArgument(Pages.isAligned(phys), "0x%s is no multiple of 4096", Long.toHexString(phys));
    }
  }

  /**
   * A file in memory, such as a guest's RAM in a memfd or on hugetlbfs: processes that map it share
   * its pages, which stay until the file is closed. Thread-safe.
   */
  final class MemoryFile implements Backing {
    private final PageFrames frames;
    private final int order;

    @GuardedBy("this") private final Map<Long, Long> pfnByBlock = new HashMap<>();

    /**
     * Makes an empty file.
     *
     * @param huge whether its pages are of 2 MiB and not of 4 KiB
     */
    public MemoryFile(PageFrames frames, boolean huge) {
      this.frames = frames;
      this.order = huge ? HUGE_ORDER : 0;
    }

    @Override
    public int order() {
      return order;
    }

    /** Returns the first frame of a block, which it takes if there is none yet; -1 if it cannot. */
    synchronized long block(long number) {
      Long known = pfnByBlock.get(number);
      long pfn = known == null ? frames.take(order, false) : known;
      if (known == null && pfn >= 0) {
        pfnByBlock.put(number, pfn);
      }
      return pfn;
    }

    /** Gives up the file; pages go when they are neither mapped nor pinned any more. */
    public synchronized void close() {
      pfnByBlock.values().forEach(frames::release);
      pfnByBlock.clear();
    }
  }
}
