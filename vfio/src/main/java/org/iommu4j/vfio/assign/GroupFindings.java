package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.policy.AcsVerdict;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.machine.pci.DriverBinding;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.vfio.policy.DriverStanding;
import org.iommu4j.vfio.policy.GroupMember;
import org.iommu4j.vfio.policy.ViabilityPolicy;
import org.iommu4j.vfio.policy.ViabilityPolicy.Verdict;
import org.iommu4j.vfio.policy.ViabilityPolicy.Viability;

/** Who shares the device's group: a group is handed out as a whole. */
final class GroupFindings {
  /** Stands for a driver that the facts do not name. */
  private static final String UNKNOWN = "not known";

  private static final String BOUND = "vfio-pci";

  private GroupFindings() {}

  static void add(Candidate candidate, List<Finding> findings) {
    Viability viability =
        ViabilityPolicy.decide(
            candidate.members().stream().map(m -> member(candidate, m)).toList(),
            candidate.rules().viability());
    if (!viability.viable()) {
      findings.add(blocked(candidate, viability));
    }
    for (Verdict verdict : viability.members()) {
      PciDevice mate = candidate.machine().pci().device(verdict.member().address()).orElseThrow();
      if (mate != candidate.pci() && verdict.standing().isAllowed()) {
        findings.add(Finding.note(mayStay(mate, verdict.standing()), verdict.decision()));
      }
    }
  }

  private static GroupMember member(Candidate candidate, PciDevice device) {
    DriverBinding driver = device.driver();
    String name =
        device == candidate.pci() ? BOUND : driver.isKnown() ? driver.name().orElse(null) : UNKNOWN;
    return new GroupMember(device.address(), device.headerType(), name);
  }

  private static String mayStay(PciDevice mate, DriverStanding standing) {
    String named = Candidate.named(mate);
    return switch (standing) {
      case BRIDGE -> named + " is in the group and may stay with its driver: bridges are allowed";
      case WITHOUT_DRIVER ->
          named + " is in the group and has no driver: it must get none but a VFIO driver";
      default -> named + " is in the group and does not hinder: it " + standing.words();
    };
  }

  private static Finding blocked(Candidate candidate, Viability viability) {
    List<String> fixes = new ArrayList<>();
    List<String> named = new ArrayList<>();
    for (Verdict blocker : viability.blockers()) {
      PciDevice mate = candidate.machine().pci().device(blocker.member().address()).orElseThrow();
      named.add(Candidate.named(mate) + " (driver " + blocker.member().driver() + ")");
    }
    fixes.add(
        "give up what shares the group: unbind "
            + (named.size() == 1 ? "its driver" : "their drivers")
            + ", or bind vfio-pci there too; the host cannot use it meanwhile");
    fixes.addAll(ofCommandLine(candidate));
    fixes.addAll(ofTopology(candidate));
    String text =
        "Group "
            + candidate.decided().group()
            + " is handed out as a whole, and the host uses more of it: "
            + String.join(", ", named);
    ImmutableList.Builder<Decision> decisions = ImmutableList.builder();
    decisions.add(viability.decision());
    candidate
        .members()
        .forEach(member -> groupDecisions(candidate, member).forEach(decisions::add));
    return new Finding(Finding.Kind.OBSTACLE, text, ImmutableList.copyOf(fixes), decisions.build());
  }

  private static ImmutableList<Decision> groupDecisions(Candidate candidate, PciDevice member) {
    return candidate.decided(member).decisions().stream()
        .filter(decision -> decision.rule().equals(GroupPolicy.RULE))
        .collect(ImmutableList.toImmutableList());
  }

  private static ImmutableList<String> ofCommandLine(Candidate candidate) {
    PciAddress address = candidate.pci().address();
    int size = candidate.members().size();
    Optional<CommandLineRemedy> smaller =
        CommandLineRemedy.search(
            candidate,
            boot ->
                boot.groups().stream()
                    .anyMatch(
                        group ->
                            group.devices().contains(address) && group.devices().size() < size));
    return smaller
        .map(remedy -> ImmutableList.of(remedy.words() + ": that alone makes the group smaller"))
        .orElse(ImmutableList.of());
  }

  private static ImmutableList<String> ofTopology(Candidate candidate) {
    ImmutableList.Builder<String> fixes = ImmutableList.builder();
    ImmutableList<String> lacking =
        candidate.members().stream()
            .flatMap(member -> candidate.decided(member).lacking().stream())
            .map(AcsVerdict::toString)
            .distinct()
            .collect(ImmutableList.toImmutableList());
    ImmutableList<PciDevice> ports = isolatingPorts(candidate);
    if (isSharedBeyondSlot(candidate) && !ports.isEmpty()) {
      fixes.add(
          "move the card to another slot: behind "
              + String.join(" or ", ports.stream().map(PciDevice::toString).toList())
              + " a function does not share its port's group");
    }
    if (!lacking.isEmpty()) {
      fixes.add(
          "only hardware with ACS splits the group; what it lacks: " + String.join("; ", lacking));
      fixes.add(
          "pcie_acs_override= is in no kernel of kernel.org or Debian. The patch makes Linux take for"
              + " isolated what is not: members still reach each other past the IOMMU, so a guest"
              + " can reach the host's device");
    }
    return fixes.build();
  }

  // What functions of one card share stays shared wherever the card is.
  private static boolean isSharedBeyondSlot(Candidate candidate) {
    PciDevice pci = candidate.pci();
    return !pci.bus().isRoot()
        && candidate.members().stream()
            .anyMatch(
                member ->
                    member.bus() != pci.bus()
                        || member.address().device() != pci.address().device());
  }

  // Ports that keep what is behind them apart from themselves, by the groups of this boot.
  private static ImmutableList<PciDevice> isolatingPorts(Candidate candidate) {
    return candidate.machine().pci().devices().stream()
        .filter(
            device ->
                device.isPcieType(PcieType.ROOT_PORT)
                    || device.isPcieType(PcieType.DOWNSTREAM_PORT))
        .filter(port -> isApartFromBehind(candidate, port))
        .limit(4)
        .collect(ImmutableList.toImmutableList());
  }

  private static boolean isApartFromBehind(Candidate candidate, PciDevice port) {
    DeviceReport own = candidate.decided(port);
    return port.subordinate() != null
        && !port.subordinate().devices().isEmpty()
        && own.group() != null
        && port.subordinate().devices().stream()
            .map(candidate::decided)
            .allMatch(behind -> behind.group() != null && !behind.group().equals(own.group()))
        && groupOf(candidate, own).devices().size() == 1;
  }

  private static GroupReport groupOf(Candidate candidate, DeviceReport device) {
    return candidate.report().groups().stream()
        .filter(group -> group.devices().contains(device.address()))
        .findFirst()
        .orElseThrow();
  }
}
