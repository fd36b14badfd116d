package org.iommu4j.vtd.hw;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.jspecify.annotations.Nullable;

/**
 * The IOTLB: translations by domain and page, four ways a set, the oldest of a set replaced first.
 *
 * <p>Lookups take no lock and allocate nothing. Whoever changes the cache holds the unit's lock.
 * Source: VT-d 3.3 section 6.2.4.
 */
final class Iotlb {
  private static final int WAYS = 4;
  private static final int LEVELS = 3;
  private static final VarHandle ENTRIES = MethodHandles.arrayElementVarHandle(IotlbEntry[].class);

  private final @Nullable IotlbEntry[] entries;
  private final byte[] nextWay;
  private final int setMask;
  private final int[] used = new int[LEVELS + 1];

  /** Makes an empty cache of this many entries, a power of two from 4 on. */
  Iotlb(int capacity) {
    if (capacity < WAYS || Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("an IOTLB cannot have " + capacity + " entries");
    }
    this.entries = new @Nullable IotlbEntry[capacity];
    this.nextWay = new byte[capacity / WAYS];
    this.setMask = capacity / WAYS - 1;
  }

  /** Returns the entry that covers the address, if one is cached. */
  @Nullable IotlbEntry find(int domainId, long iova) {
    for (int level = 1; level <= LEVELS; level++) {
      if (used[level] == 0) {
        continue;
      }
      long page = iova >>> SecondLevelEntry.shift(level);
      int base = setOf(domainId, level, page) * WAYS;
      for (int i = base; i < base + WAYS; i++) {
        IotlbEntry entry = (IotlbEntry) ENTRIES.getAcquire(entries, i);
        if (entry != null && entry.matches(domainId, level, page)) {
          return entry;
        }
      }
    }
    return null;
  }

  /** Caches an entry in place of the one that it stands for, or of the set's oldest. */
  void insert(IotlbEntry entry) {
    int set = setOf(entry.domainId, entry.level, entry.pageNumber);
    for (int i = set * WAYS; i < (set + 1) * WAYS; i++) {
      IotlbEntry old = entries[i];
      if (old != null && old.matches(entry.domainId, entry.level, entry.pageNumber)) {
        put(i, entry);
        return;
      }
    }
    put(set * WAYS + nextWay[set], entry);
    nextWay[set] = (byte) ((nextWay[set] + 1) & (WAYS - 1));
  }

  /** Forgets everything. */
  void invalidateAll() {
    if (!isEmpty()) {
      Arrays.fill(used, 0);
      for (int i = 0; i < entries.length; i++) {
        ENTRIES.setRelease(entries, i, (IotlbEntry) null);
      }
    }
  }

  /** Forgets a domain. */
  void invalidateDomain(int domainId) {
    sweep(domainId, 0, Long.MAX_VALUE);
  }

  /** Forgets what overlaps the 2^{@code addressMask} pages of a domain around an address. */
  void invalidatePages(int domainId, long iova, int addressMask) {
    long pages = 1L << addressMask;
    long firstPfn = (iova >>> PAGE_SHIFT) & -pages;
    if (pages > entries.length) {
      sweep(domainId, firstPfn, firstPfn + pages - 1);
      return;
    }
    for (int level = 1; level <= LEVELS; level++) {
      int shift = SecondLevelEntry.shift(level) - 12;
      long last = (firstPfn + pages - 1) >>> shift;
      for (long page = firstPfn >>> shift; used[level] != 0 && page <= last; page++) {
        forget(domainId, level, page);
      }
    }
  }

  private void forget(int domainId, int level, long page) {
    int base = setOf(domainId, level, page) * WAYS;
    for (int i = base; i < base + WAYS; i++) {
      IotlbEntry entry = entries[i];
      if (entry != null && entry.matches(domainId, level, page)) {
        put(i, null);
      }
    }
  }

  private void sweep(int domainId, long firstPfn, long lastPfn) {
    for (int i = 0; i < entries.length && !isEmpty(); i++) {
      IotlbEntry entry = entries[i];
      if (entry != null && entry.overlaps(domainId, firstPfn, lastPfn)) {
        put(i, null);
      }
    }
  }

  private void put(int index, @Nullable IotlbEntry entry) {
    IotlbEntry old = entries[index];
    if (old != null) {
      used[old.level]--;
    }
    if (entry != null) {
      used[entry.level]++;
    }
    ENTRIES.setRelease(entries, index, entry);
  }

  private boolean isEmpty() {
    return (used[1] | used[2] | used[3]) == 0;
  }

  private int setOf(int domainId, int level, long page) {
    long hash = (page * 31 + domainId) * 0x9e37_79b9_7f4a_7c15L + level;
    return (int) (hash >>> 40) & setMask;
  }
}
