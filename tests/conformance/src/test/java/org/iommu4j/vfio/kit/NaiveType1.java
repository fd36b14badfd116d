package org.iommu4j.vfio.kit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.iommu4j.base.Errno;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.UnmapResult;

/**
 * Type1's rules page by page, without any data structure: what {@code vfio_dma_do_map} and {@code
 * vfio_dma_do_unmap} answer, for small numbers.
 */
final class NaiveType1 {
  static final long PAGE = 4096;

  /** The process's memory: so many pages from here on, all of which were touched. */
  static final long VADDR = 0x1000_0000L;

  static final int PAGES = 64;

  /** The last address that can be mapped. */
  private final long lastIova;

  private final boolean v2;
  private final int entryLimit;
  private final List<Entry> entries = new ArrayList<>();

  /** The first addresses of the mappings whose memory nobody knows at present. */
  private final Set<Long> invalid = new HashSet<>();

  private long memlockPages = Long.MAX_VALUE;

  NaiveType1(boolean v2, long lastIova, int entryLimit) {
    this.v2 = v2;
    this.lastIova = lastIova;
    this.entryLimit = entryLimit;
  }

  /**
   * A mapping.
   *
   * @param iova its first address
   * @param vaddr the process's address of it
   * @param bytes its size
   * @param flags its rights
   */
  record Entry(long iova, long vaddr, long bytes, int flags) {
    boolean has(long address) {
      return address >= iova && address < iova + bytes;
    }
  }

  void setMemlockPages(long pages) {
    memlockPages = pages;
  }

  List<Entry> entries() {
    return entries;
  }

  long lockedPages() {
    return entries.stream().mapToLong(entry -> entry.bytes() / PAGE).sum();
  }

  int map(long vaddr, long iova, long bytes, int flags) {
    if ((flags & ~3) != 0 || flags == 0 || bytes <= 0) {
      return Errno.EINVAL;
    }
    if (iova % PAGE != 0 || vaddr % PAGE != 0 || bytes % PAGE != 0) {
      return Errno.EINVAL;
    }
    for (long at = iova; at < iova + bytes; at += PAGE) {
      for (Entry entry : entries) {
        if (entry.has(at)) {
          return Errno.EEXIST;
        }
      }
    }
    if (entries.size() == entryLimit) {
      return Errno.ENOSPC;
    }
    for (long at = iova; at < iova + bytes; at += PAGE) {
      if (at > lastIova || (at >= 0xfee0_0000L && at <= 0xfeef_ffffL)) {
        return Errno.EINVAL;
      }
    }
    long locked = lockedPages();
    for (long at = vaddr; at < vaddr + bytes; at += PAGE) {
      if (at < VADDR || at >= VADDR + PAGES * PAGE) {
        return Errno.EFAULT;
      }
      if (++locked > memlockPages) {
        return Errno.ENOMEM;
      }
    }
    entries.add(new Entry(iova, vaddr, bytes, flags));
    return 0;
  }

  /** Returns whether the answer of {@link #unmap} depends on how the kernel keeps its mappings. */
  boolean isUndetermined(long iova, long bytes) {
    return !v2 && entries.stream().anyMatch(entry -> entry.iova() < iova && entry.has(iova));
  }

  UnmapResult unmap(long iova, long bytes) {
    if (bytes <= 0 || iova % PAGE != 0 || bytes % PAGE != 0) {
      return new UnmapResult(Errno.EINVAL, 0);
    }
    for (Entry entry : entries) {
      boolean cutAtStart = entry.has(iova) && entry.iova() != iova;
      boolean cutAtEnd =
          entry.has(iova + bytes - 1) && !(entry.iova() + entry.bytes() == iova + bytes);
      if (v2 && (cutAtStart || cutAtEnd)) {
        return new UnmapResult(Errno.EINVAL, 0);
      }
    }
    long unmapped = 0;
    for (Entry entry : List.copyOf(entries)) {
      if (entry.iova() >= iova && entry.iova() < iova + bytes) {
        unmapped += entry.bytes();
        entries.remove(entry);
      }
    }
    return new UnmapResult(0, unmapped);
  }

  /** As {@link #unmap}, by the rules of 6.1: what begins before the range stops version 1. */
  UnmapResult unmapInOrder(long iova, long bytes) {
    return isUndetermined(iova, bytes) && bytes > 0 && iova % PAGE == 0 && bytes % PAGE == 0
        ? new UnmapResult(0, 0)
        : unmap(iova, bytes);
  }

  UnmapResult unmapAll() {
    long unmapped = entries.stream().mapToLong(Entry::bytes).sum();
    entries.clear();
    return new UnmapResult(0, unmapped);
  }

  /** Exchanges what a mapping of 6.1 shows, which has to be invalid. */
  int move(long vaddr, long iova, long bytes) {
    if (bytes <= 0 || iova % PAGE != 0 || vaddr % PAGE != 0 || bytes % PAGE != 0) {
      return Errno.EINVAL;
    }
    List<Entry> met =
        entries.stream()
            .filter(entry -> entry.iova() < iova + bytes && iova < entry.iova() + entry.bytes())
            .toList();
    if (met.isEmpty()) {
      return Errno.ENOENT;
    }
    Entry first = met.get(0);
    boolean exact = first.iova() == iova && first.bytes() == bytes;
    return exact && invalid.remove(iova) ? 0 : Errno.EINVAL;
  }

  /** Makes all that {@link #unmapInOrder} would take invalid, or nothing if one is so already. */
  UnmapResult invalidate(long iova, long bytes) {
    List<Entry> before = List.copyOf(entries);
    UnmapResult taken = unmapInOrder(iova, bytes);
    List<Entry> met = before.stream().filter(entry -> !entries.contains(entry)).toList();
    entries.clear();
    entries.addAll(before);
    return taken.error() != 0 ? taken : invalidate(met);
  }

  UnmapResult invalidateAll() {
    return invalidate(List.copyOf(entries));
  }

  private UnmapResult invalidate(List<Entry> met) {
    if (met.stream().anyMatch(entry -> invalid.contains(entry.iova()))) {
      return new UnmapResult(Errno.EINVAL, 0);
    }
    met.forEach(entry -> invalid.add(entry.iova()));
    return new UnmapResult(0, met.stream().mapToLong(Entry::bytes).sum());
  }

  /** Forgets what was invalid and is not mapped any more. */
  void forgetGone() {
    invalid.removeIf(iova -> entries.stream().noneMatch(entry -> entry.iova() == iova));
  }

  /** Returns the mapping that has an address, or null. */
  static @org.jspecify.annotations.Nullable Entry at(List<Entry> entries, long address) {
    return entries.stream().filter(entry -> entry.has(address)).findFirst().orElse(null);
  }

  static DmaMap request(long vaddr, long iova, long bytes, int flags) {
    return new DmaMap(DmaMap.SIZE_BYTES, flags, vaddr, iova, bytes);
  }
}
