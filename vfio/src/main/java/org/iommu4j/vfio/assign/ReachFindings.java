package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.OptionalInt;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciResource;

/** How far the unit's addresses reach: a guest's memory has to end before. */
final class ReachFindings {
  private static final Rule RULE = new Rule("iova-aperture");
  private static final String RESIZE = "drivers/vfio/vfio_iommu_type1.c:vfio_iommu_aper_resize";
  private static final String WIDE_BAR =
      "Its 64-bit BAR may be put there by the guest's firmware: that works, but no other device of"
          + " the guest reaches it";

  /** Firmware of guests puts BARs no higher than this: few processors address more. */
  private static final int BITS_OF_PROCESSORS = 48;

  private static final int USUAL_BITS = 39;
  private static final int BITS_OF_ALL = 64;
  private static final int BITS_OF_TIB = 40;
  private static final int BITS_OF_GIB = 30;

  private ReachFindings() {}

  static void add(Candidate candidate, List<Finding> findings) {
    if (candidate.group().isEmpty()) {
      return;
    }
    boolean known =
        candidate.members().stream().allMatch(member -> bits(candidate, member).isPresent());
    int narrowest =
        candidate.members().stream()
            .flatMapToInt(member -> bits(candidate, member).stream())
            .min()
            .orElse(BITS_OF_ALL);
    if (!known) {
      findings.add(unknown());
    } else if (narrowest < BITS_OF_ALL) {
      findings.add(end(candidate, narrowest));
    }
  }

  private static OptionalInt bits(Candidate candidate, PciDevice member) {
    Integer bits = candidate.decided(member).addressBits();
    return bits == null ? OptionalInt.empty() : OptionalInt.of(bits);
  }

  private static Finding unknown() {
    return Finding.note(
        String.format(
            "How many bits of an address the IOMMU translates is not known. Many translate %d, and"
                + " then a guest with memory at 0x%x (%s) or above does not start",
            USUAL_BITS, 1L << USUAL_BITS, size(USUAL_BITS)),
        Decision.of(RULE, "not known", RESIZE, "the unit's registers are not known"));
  }

  private static Finding end(Candidate candidate, int bits) {
    long end = 1L << bits;
    long hostEnd = candidate.machine().memory().ramEndPhys();
    boolean collides = Long.compareUnsigned(hostEnd, end) > 0;
    Decision decision =
        Decision.of(
            RULE,
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
    Finding.Kind kind = collides ? Finding.Kind.WARNING : Finding.Kind.NOTE;
    ImmutableList<Decision> decisions = ImmutableList.of(decision);
    if (bits >= BITS_OF_PROCESSORS || !hasWideBar(candidate.pci())) {
      return new Finding(kind, text, ImmutableList.of(), decisions);
    }
    String fix = "-cpu host,host-phys-bits-limit=" + bits + " makes QEMU's guests stay below";
    return new Finding(kind, text + ". " + WIDE_BAR, ImmutableList.of(fix), decisions);
  }

  private static boolean hasWideBar(PciDevice device) {
    return device.resources().stream().anyMatch(PciResource::is64Bit);
  }

  private static String size(int bits) {
    return bits >= BITS_OF_TIB
        ? (1L << (bits - BITS_OF_TIB)) + " TiB"
        : (1L << Math.max(0, bits - BITS_OF_GIB)) + " GiB";
  }
}
