package org.iommu4j.vfio.assign;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.policy.Decision;

/** How far the unit's addresses reach: a guest's memory has to end before. */
final class ReachFindings {
  private static final String RESIZE = "drivers/vfio/vfio_iommu_type1.c:vfio_iommu_aper_resize";
  private static final int BITS_OF_ALL = 64;
  private static final int BITS_OF_TIB = 40;
  private static final int BITS_OF_GIB = 30;

  private ReachFindings() {}

  static void add(Candidate candidate, List<Finding> findings) {
    OptionalInt narrowest =
        candidate.members().stream()
            .map(candidate::decided)
            .map(DeviceReport::addressBits)
            .filter(Objects::nonNull)
            .mapToInt(Integer::intValue)
            .min();
    if (narrowest.isPresent() && narrowest.getAsInt() < BITS_OF_ALL) {
      findings.add(end(candidate, narrowest.getAsInt()));
    }
  }

  private static Finding end(Candidate candidate, int bits) {
    long end = 1L << bits;
    long hostEnd = candidate.machine().memory().ramEndPhys();
    boolean collides = Long.compareUnsigned(hostEnd, end) > 0;
    Decision decision =
        Decision.of(
            "iova-aperture",
            String.format("0x0 to 0x%x", end - 1),
            RESIZE,
            "the unit translates " + bits + " bits of an address",
            hostEnd == 0
                ? "where the host's memory ends is not known"
                : String.format("the host's memory ends at 0x%x", hostEnd));
    String text =
        String.format(
            "Guest-physical 0x%x (%s) and above cannot be mapped, as the IOMMU translates %d bits of"
                + " an address: a guest with memory there does not start%s",
            end,
            size(bits),
            bits,
            collides || hostEnd == 0 ? "" : "; the host has not as much itself");
    return collides ? Finding.warning(text, decision) : Finding.note(text, decision);
  }

  private static String size(int bits) {
    return bits >= BITS_OF_TIB
        ? (1L << (bits - BITS_OF_TIB)) + " TiB"
        : (1L << Math.max(0, bits - BITS_OF_GIB)) + " GiB";
  }
}
