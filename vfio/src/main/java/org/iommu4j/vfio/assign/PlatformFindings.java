package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainLock;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vfio.policy.InterruptPolicy;

/** What firmware and platform have to say: reserved memory, interrupts. */
final class PlatformFindings {
  private static final Rule RULE = new Rule("iova-ranges");
  private static final String UNSAFE = "vfio_iommu_type1.allow_unsafe_interrupts";
  private static final String EXCLUDE = "drivers/vfio/vfio_iommu_type1.c:vfio_iommu_resv_exclude";

  /** Where virtual machines usually have their memory: below the hole under 4 GiB, and above. */
  private static final long LOW_RAM_LAST = 0xdfff_ffffL;

  private static final long HIGH_RAM_FIRST = 1L << 32;

  private PlatformFindings() {}

  static void addReservations(Candidate candidate, List<Finding> findings) {
    for (PciDevice member : candidate.members()) {
      DomainLock lock = candidate.decided(member).lock();
      if (lock == null) {
        continue;
      }
      if (lock.locked()) {
        findings.add(locked(candidate, member, lock));
      } else if (member == candidate.pci() && hasRelaxable(candidate)) {
        findings.add(
            Finding.note(
                "Firmware's reserved memory of "
                    + member
                    + " does not hold it back: it is relaxable (USB, graphics, the ISA bridge)",
                lock.decision()));
      }
    }
    candidate.group().stream()
        .flatMap(group -> group.reservedRegions().stream())
        .filter(region -> !region.type().isDirect())
        .forEach(region -> findings.add(hole(region)));
  }

  private static boolean hasRelaxable(Candidate candidate) {
    return candidate.decided().reservedRegions().stream()
        .anyMatch(region -> region.type() == ReservedRegion.Type.DIRECT_RELAXABLE);
  }

  private static Finding locked(Candidate candidate, PciDevice member, DomainLock lock) {
    String whose = member == candidate.pci() ? "" : " (it shares the group)";
    return Finding.obstacle(
        "Firmware wants memory mapped for "
            + Candidate.named(member)
            + whose
            + " at all times ("
            + lock.claim()
            + "), so the kernel keeps it: "
            + candidate.rules().lockedGroup(),
        ImmutableList.of(
            "a setting or an update of the firmware that drops the "
                + lock.claim()
                + " (remote management, RAID or legacy support of the device); no parameter does, nor does"
                + " another release of Linux",
            "patches that ignore "
                + lock.claim()
                + "s are in no kernel of kernel.org or Debian: whatever firmware"
                + " does with that memory then goes into the guest's"),
        lock.decision());
  }

  private static Finding hole(ReservedRegion region) {
    boolean collides =
        Long.compareUnsigned(region.first(), LOW_RAM_LAST) <= 0
            || Long.compareUnsigned(region.last(), HIGH_RAM_FIRST) >= 0;
    String range = String.format("0x%x to 0x%x", region.first(), region.last());
    Decision decision =
        Decision.of(
            RULE,
            range + " is left out",
            EXCLUDE,
            "the group's reserved region " + range + " " + region.type().sysfsName());
    String text =
        "Guest-physical "
            + range
            + " ("
            + region.type().sysfsName()
            + ") cannot be mapped: "
            + (collides
                ? "a guest with memory there does not start"
                : "guests have no memory there as a rule, it is in the hole under 4 GiB");
    return collides ? Finding.warning(text, decision) : Finding.note(text, decision);
  }

  static void addInterrupts(Candidate candidate, List<Finding> findings) {
    BootReport report = candidate.report();
    boolean unsafe = candidate.isFlagSet(UNSAFE);
    InterruptPolicy.Interrupts verdict =
        InterruptPolicy.decide(
            report.interrupts().remapped(), unsafe, candidate.rules().type1().interruptSource());
    Decision why = report.interrupts().decision();
    if (verdict.isAllowed()) {
      if (!report.interrupts().remapped()) {
        findings.add(
            new Finding(
                Finding.Kind.WARNING,
                "Interrupts are not remapped, and "
                    + UNSAFE
                    + " lets that pass: whoever has the"
                    + " device can raise any interrupt of the host",
                ImmutableList.of(),
                ImmutableList.of(verdict.decision(), why)));
      }
      return;
    }
    findings.add(
        Finding.obstacle(
            "Interrupts are not remapped: " + String.join("; ", why.because()),
            interruptFixes(candidate),
            verdict.decision(),
            why));
  }

  private static ImmutableList<String> interruptFixes(Candidate candidate) {
    ImmutableList.Builder<String> fixes = ImmutableList.builder();
    CommandLineRemedy.search(candidate, boot -> boot.interrupts().remapped())
        .ifPresent(remedy -> fixes.add(remedy.words()));
    fixes.add(
        UNSAFE
            + "=1 makes VFIO go on without: the device can then raise any interrupt of the host by"
            + " a plain write, so only for a guest that you trust as the host itself");
    return fixes.build();
  }
}
