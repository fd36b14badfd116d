package org.iommu4j.machine.pci.quirks;

import com.google.common.collect.ImmutableMap;

/**
 * Functions whose Address Translation Service (ATS) the kernel leaves off.
 *
 * <p>Source: {@code drivers/pci/quirks.c:quirk_amd_harvest_no_ats}, {@code
 * quirk_intel_e2000_no_ats}.
 */
public final class AtsQuirks {
  private static final IdSet AMD_GRAPHICS = IdSet.of("98e4 6900 7312 7340 7341");
  private static final IdSet INTEL_E2000 = IdSet.of("1451-1455 1457 1459 145a 145c");
  private static final int FIRST_GOOD_E2000 = 0x20;

  /** The only revision of these that is left without ATS. */
  private static final ImmutableMap<Integer, Integer> AMD_REVISIONS =
      ImmutableMap.of(0x7312, 0x00, 0x7340, 0xc5, 0x7341, 0x00);

  private AtsQuirks() {}

  /** Returns whether ATS stays off on this function. */
  public static boolean disables(int vendorId, int deviceId, int revision) {
    if (vendorId == 0x1002 && AMD_GRAPHICS.contains(deviceId)) {
      return AMD_REVISIONS.getOrDefault(deviceId, revision) == revision;
    }
    return vendorId == 0x8086 && INTEL_E2000.contains(deviceId) && revision < FIRST_GOOD_E2000;
  }

  /** Returns the kernel's file and function for a function that {@link #disables} names. */
  public static String source(int vendorId) {
    String function = vendorId == 0x1002 ? "quirk_amd_harvest_no_ats" : "quirk_intel_e2000_no_ats";
    return "drivers/pci/quirks.c:" + function;
  }
}
