package org.iommu4j.machine;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The firmware's memory map with the changes that the kernel makes to it. Not thread-safe.
 *
 * <p>Source: {@code arch/x86/kernel/e820.c:__e820__range_update, e820__range_remove,
 * e820_print_type, e820_type_to_string}.
 */
final class E820 {
  /** The names of the kernel's log and the names that {@code /proc/iomem} has for the same type. */
  private static final ImmutableMap<String, String> IOMEM_NAMES =
      ImmutableMap.<String, String>builder()
          .put("usable", MemoryMap.SYSTEM_RAM)
          .put("reserved", MemoryMap.RESERVED)
          .put("soft reserved", "Soft Reserved")
          .put("ACPI data", "ACPI Tables")
          .put("ACPI NVS", "ACPI Non-volatile Storage")
          .put("unusable", "Unusable memory")
          .buildOrThrow();

  private static final long BIOS_FIRST = 0xa0000;
  private static final long BIOS_LAST = 0xfffff;

  private List<AddressRange> ranges = new ArrayList<>();

  /** Returns the name in {@code /proc/iomem} for a type as the log prints it. */
  static String iomemName(String logged) {
    String type = logged.strip();
    if (type.startsWith("persistent")) {
      return "Persistent Memory";
    }
    return IOMEM_NAMES.getOrDefault(type, "Unknown E820 type");
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  void clear() {
    ranges.clear();
  }

  void add(AddressRange range) {
    ranges.add(range);
  }

  /** Renames what lies in the range and has the old name. */
  void update(AddressRange range, String oldName, String newName) {
    List<AddressRange> renamed = new ArrayList<>();
    for (AddressRange old : ranges) {
      if (old.name().equals(oldName) && overlap(old, range)) {
        long first = maxUnsigned(old.first(), range.first());
        long last = minUnsigned(old.last(), range.last());
        renamed.add(new AddressRange(first, last, newName));
      }
    }
    cut(range, oldName::equals);
    ranges.addAll(renamed);
  }

  /** Takes what lies in the range and has the name out of the map. */
  void remove(AddressRange range, String name) {
    cut(range, name::equals);
  }

  /** Does to the first megabyte what the kernel does on every x86 machine. */
  void trimBiosRange() {
    AddressRange zeroPage = new AddressRange(0, PAGE_BYTES - 1, "");
    update(zeroPage, MemoryMap.SYSTEM_RAM, MemoryMap.RESERVED);
    remove(new AddressRange(BIOS_FIRST, BIOS_LAST, ""), MemoryMap.SYSTEM_RAM);
  }

  MemoryMap toMemoryMap() {
    return MemoryMap.of(ranges);
  }

  private void cut(AddressRange hole, Predicate<String> isNamed) {
    List<AddressRange> kept = new ArrayList<>();
    for (AddressRange old : ranges) {
      if (!isNamed.test(old.name()) || !overlap(old, hole)) {
        kept.add(old);
        continue;
      }
      if (Long.compareUnsigned(old.first(), hole.first()) < 0) {
        kept.add(new AddressRange(old.first(), hole.first() - 1, old.name()));
      }
      if (Long.compareUnsigned(hole.last(), old.last()) < 0) {
        kept.add(new AddressRange(hole.last() + 1, old.last(), old.name()));
      }
    }
    ranges = kept;
  }

  private static boolean overlap(AddressRange a, AddressRange b) {
    return Long.compareUnsigned(a.first(), b.last()) <= 0
        && Long.compareUnsigned(b.first(), a.last()) <= 0;
  }

  private static long maxUnsigned(long a, long b) {
    return Long.compareUnsigned(a, b) > 0 ? a : b;
  }

  private static long minUnsigned(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? a : b;
  }
}
