package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.List;
import java.util.Optional;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.machine.pci.PciAddress;

/** Whether an IOMMU translates what the device sends: without one nobody keeps it in its place. */
final class TranslationFindings {
  private static final String OFF_PREFIX = "no IOMMU: ";
  private static final String GROUP_GET = "drivers/vfio/pci/vfio_pci.c:vfio_pci_probe";
  private static final String SETUP =
      "switch the IOMMU on in the firmware's setup (VT-d, AMD-Vi, IOMMU or \"I/O virtualization\")";

  private TranslationFindings() {}

  /**
   * Adds what is found.
   *
   * @return the candidate on a boot that mends it, the same if nothing is to be mended, or empty if
   *     no command line does
   */
  static Optional<Candidate> add(Candidate candidate, List<Finding> findings) {
    BootReport report = candidate.report();
    if (candidate.group().isPresent()) {
      return Optional.of(candidate);
    }
    PciAddress address = candidate.pci().address();
    Optional<CommandLineRemedy> remedy =
        CommandLineRemedy.search(
            candidate.machine(),
            boot -> boot.device(address).filter(device -> device.group() != null).isPresent());
    boolean off = !report.iommu().enabled();
    String summary = candidate.decided().summary();
    String reason =
        summary.startsWith(OFF_PREFIX) ? summary.substring(OFF_PREFIX.length()) : summary;
    String text =
        off ? "The IOMMU is off: " + reason : "No IOMMU translates for " + address + ": " + reason;
    findings.add(
        Finding.obstacle(
            text,
            remedy.map(found -> ImmutableList.of(found.words())).orElse(withoutRemedy(candidate)),
            off ? offDecision(report, reason) : unitDecision(candidate)));
    return remedy.map(candidate::on);
  }

  private static ImmutableList<String> withoutRemedy(Candidate candidate) {
    if (candidate.report().iommu().enabled()) {
      return ImmutableList.of(
          "put it behind a root port that a unit covers; no parameter helps, and VFIO without an"
              + " IOMMU (enable_unsafe_noiommu_mode) gives whoever has the device all of memory");
    }
    if (candidate.machine().firmwareTable("IVRS").isPresent()) {
      return ImmutableList.of(
          "firmware describes an AMD IOMMU (IVRS), which this program does not model: what Linux"
              + " does with it is not known here");
    }
    boolean table = candidate.machine().firmwareTable("DMAR").isPresent();
    return table
        ? ImmutableList.of("no parameter helps: see the reason above, and \"iommu4j dmar\"")
        : ImmutableList.of(
            SETUP + ": no parameter of the kernel helps where firmware has no table");
  }

  // The decision that the reason was taken from, or else the last one on the way to the end.
  private static Decision offDecision(BootReport report, String reason) {
    return Lists.reverse(report.decisions()).stream()
        .filter(decision -> decision.because().contains(reason))
        .findFirst()
        .orElseGet(
            () -> Decision.of(GroupPolicy.RULE, "none", GROUP_GET, "no IOMMU driver has come up"));
  }

  private static Decision unitDecision(Candidate candidate) {
    ImmutableList<Decision> decisions = candidate.decided().decisions();
    return decisions.isEmpty()
        ? Decision.of(GroupPolicy.RULE, "none", GROUP_GET, candidate.pci() + " is in no group")
        : decisions.get(decisions.size() - 1);
  }
}
