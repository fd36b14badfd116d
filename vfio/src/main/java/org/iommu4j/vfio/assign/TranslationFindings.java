package org.iommu4j.vfio.assign;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.Off;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/** Whether an IOMMU translates what the device sends: without one nobody keeps it in its place. */
final class TranslationFindings {
  private static final String GROUP_GET = "drivers/vfio/pci/vfio_pci.c:vfio_pci_probe";

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
            candidate,
            boot -> boot.device(address).filter(device -> device.group() != null).isPresent());
    Off off = report.iommu().off();
    String reason = off == null ? candidate.decided().summary() : off.why().words();
    boolean translates = report.iommu().enabled();
    findings.add(
        Finding.obstacle(
            (translates ? "No IOMMU translates for " + address : "The IOMMU is off")
                + ": "
                + reason,
            remedy.map(found -> ImmutableList.of(found.words())).orElse(withoutRemedy(candidate)),
            translates ? unitDecision(candidate) : offDecision(off)));
    return remedy.map(candidate::on);
  }

  private static ImmutableList<String> withoutRemedy(Candidate candidate) {
    if (candidate.report().iommu().enabled()) {
      return ImmutableList.of(
          "put it behind a root port that a unit covers; no parameter helps, and VFIO without an"
              + " IOMMU (enable_unsafe_noiommu_mode) gives whoever has the device all of memory");
    }
    for (IommuVendor vendor : LinuxSystem.vendors()) {
      for (String signature : vendor.tableSignatures()) {
        if (candidate.machine().firmwareTable(signature).isPresent()) {
          return ImmutableList.of(withTable(vendor, signature));
        }
      }
    }
    return ImmutableList.of(
        "switch the IOMMU on in the firmware's setup ("
            + setupWords()
            + "): no parameter of the kernel helps where firmware has no table");
  }

  private static String withTable(IommuVendor vendor, String signature) {
    String unmodelled = vendor.words().unmodelled();
    if (unmodelled != null) {
      return "firmware describes "
          + unmodelled
          + " ("
          + signature
          + "), which this program does not model: what Linux does with it is not known here";
    }
    String shown =
        vendor.tablePrinter().isPresent()
            ? ", and \"iommu4j " + Ascii.toLowerCase(signature) + "\""
            : "";
    return "no parameter helps: see the reason above" + shown;
  }

  // The vendor that is looked for last is named first.
  private static String setupWords() {
    return Stream.concat(
            LinuxSystem.vendors().reverse().stream()
                .flatMap(vendor -> Optional.ofNullable(vendor.words().setup()).stream()),
            Stream.of("IOMMU or \"I/O virtualization\""))
        .collect(Collectors.joining(", "));
  }

  private static Decision offDecision(@Nullable Off off) {
    return off == null
        ? Decision.of(GroupPolicy.RULE, "none", GROUP_GET, "no IOMMU driver has come up")
        : off.decision();
  }

  private static Decision unitDecision(Candidate candidate) {
    ImmutableList<Decision> decisions = candidate.decided().decisions();
    return decisions.isEmpty()
        ? Decision.of(GroupPolicy.RULE, "none", GROUP_GET, candidate.pci() + " is in no group")
        : decisions.get(decisions.size() - 1);
  }
}
