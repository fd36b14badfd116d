package org.iommu4j.machine;

import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.Comparator;

/**
 * The machine's physical address map, from {@code /proc/iomem} or the firmware's own map.
 *
 * <p>Immutable. Nested ranges of {@code /proc/iomem} are kept beside those they lie in.
 */
public final class MemoryMap {
  /** The name of usable memory in {@code /proc/iomem}. */
  public static final String SYSTEM_RAM = "System RAM";

  /** The name that the firmware's reserved ranges have in {@code /proc/iomem}. */
  public static final String RESERVED = "Reserved";

  private final ImmutableList<AddressRange> ranges;

  private MemoryMap(ImmutableList<AddressRange> ranges) {
    this.ranges = ranges;
  }

  /** Returns the map of these ranges, which may nest. */
  public static MemoryMap of(Collection<AddressRange> ranges) {
    Comparator<AddressRange> byFirst = (a, b) -> Long.compareUnsigned(a.first(), b.first());
    return new MemoryMap(ImmutableList.sortedCopyOf(byFirst, ranges));
  }

  /**
   * Returns whether nothing is known of the map (an ordinary user sees only zeros on a live host).
   */
  public boolean isUnknown() {
    return ranges.stream().allMatch(range -> range.last() == 0);
  }

  /** Returns the ranges by their first address. */
  public ImmutableList<AddressRange> ranges() {
    return ranges;
  }

  /** Returns the ranges of usable memory. */
  public ImmutableList<AddressRange> ram() {
    return ranges.stream()
        .filter(range -> range.name().equals(SYSTEM_RAM))
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns the address past the last byte of usable memory, or 0 if there is none. */
  public long ramEndPhys() {
    long end = 0;
    for (AddressRange range : ram()) {
      end = Long.compareUnsigned(range.last() + 1, end) > 0 ? range.last() + 1 : end;
    }
    return end;
  }

  /**
   * Returns whether ranges of this name cover all of the given range without a gap.
   *
   * <p>Source: {@code arch/x86/kernel/e820.c:__e820__mapped_all}.
   */
  public boolean coversAll(long firstPhys, long lastPhys, String name) {
    long next = firstPhys;
    for (AddressRange range : ranges) {
      if (!range.name().equals(name) || !range.contains(next)) {
        continue;
      }
      if (Long.compareUnsigned(range.last(), lastPhys) >= 0) {
        return true;
      }
      next = range.last() + 1;
    }
    return false;
  }
}
