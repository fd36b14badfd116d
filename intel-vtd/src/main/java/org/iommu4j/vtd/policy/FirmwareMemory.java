package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableSet;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.MemoryMap;

/**
 * Whether firmware's memory map backs a reserved range.
 *
 * <p>Source: {@code arch/x86/include/asm/iommu.h:arch_rmrr_sanity_check}, {@code
 * arch/x86/kernel/e820.c:__e820__mapped_all}.
 */
final class FirmwareMemory {
  private static final String NVS = "ACPI Non-volatile Storage";
  private static final ImmutableSet<String> E820_NAMES =
      ImmutableSet.of(
          MemoryMap.SYSTEM_RAM,
          MemoryMap.RESERVED,
          NVS,
          "ACPI Tables",
          "Unusable memory",
          "Persistent Memory",
          "Persistent Memory (legacy)",
          "Soft Reserved",
          "Unknown E820 type");

  private FirmwareMemory() {}

  /**
   * Returns whether the map covers the range and its last part is reserved.
   *
   * <p>Only the entry that completes the cover is asked for its type: a range that starts in usable
   * memory and ends in reserved memory passes.
   */
  static boolean backs(MemoryMap memory, long firstPhys, long lastPhys) {
    long start = firstPhys;
    long end = lastPhys + 1;
    for (AddressRange range : memory.ranges()) {
      long after = range.last() + 1;
      boolean apart =
          Long.compareUnsigned(range.first(), end) >= 0 || Long.compareUnsigned(after, start) <= 0;
      if (apart || !E820_NAMES.contains(range.name())) {
        continue;
      }
      if (Long.compareUnsigned(range.first(), start) <= 0) {
        start = after;
      }
      if (Long.compareUnsigned(start, end) >= 0) {
        return range.name().equals(MemoryMap.RESERVED) || range.name().equals(NVS);
      }
    }
    return false;
  }
}
