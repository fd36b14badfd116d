package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;

/**
 * The groups of a machine with their members and with what ties these together.
 *
 * @param groups the groups, by number
 * @param outside the functions that are in no group
 */
public record GroupListing(ImmutableList<Group> groups, ImmutableList<Member> outside) {
  /**
   * One group.
   *
   * @param report what was decided about it
   * @param members its functions, in the order in which they were added
   * @param because why those that came later are in it, a fact a line
   */
  public record Group(
      GroupReport report, ImmutableList<Member> members, ImmutableList<String> because) {
    /** Returns whether its one member shares it with nobody. */
    public boolean isIsolated() {
      return members.size() == 1;
    }

    /** Returns how its members stand to each other, in a few words. */
    public String words() {
      if (isIsolated()) {
        return "isolated";
      }
      long bridges = members.stream().filter(member -> member.pci().headerType() != 0).count();
      if (bridges == members.size() - 1) {
        return "one device, and " + (bridges == 1 ? "a bridge" : bridges + " bridges");
      }
      return members.size() + " functions together";
    }
  }

  /**
   * One function.
   *
   * @param pci its facts
   * @param report what was decided about it
   */
  public record Member(PciDevice pci, DeviceReport report) {
    static Member of(Machine machine, DeviceReport report) {
      PciDevice pci =
          machine
              .pci()
              .device(report.address())
              .orElseThrow(() -> new AssertionError(report.address() + " is of the machine"));
      return new Member(pci, report);
    }
  }

  /** Returns the groups of these functions, each with all of its members. */
  public static GroupListing of(Machine machine, BootReport report, List<DeviceReport> devices) {
    ImmutableSet<PciAddress> wanted =
        devices.stream().map(DeviceReport::address).collect(ImmutableSet.toImmutableSet());
    ImmutableList.Builder<Group> groups = ImmutableList.builder();
    for (GroupReport group : report.groups()) {
      if (group.devices().stream().anyMatch(wanted::contains)) {
        groups.add(group(machine, report, group));
      }
    }
    ImmutableList<Member> outside =
        devices.stream()
            .filter(device -> device.group() == null)
            .map(device -> Member.of(machine, device))
            .collect(ImmutableList.toImmutableList());
    return new GroupListing(groups.build(), outside);
  }

  private static Group group(Machine machine, BootReport report, GroupReport group) {
    ImmutableList<Member> members =
        group.devices().stream()
            .map(address -> Member.of(machine, report.device(address).orElseThrow()))
            .collect(ImmutableList.toImmutableList());
    return new Group(group, members, because(members));
  }

  private static ImmutableList<String> because(List<Member> members) {
    return members.stream()
        .skip(1)
        .flatMap(member -> member.report().decisions().stream())
        .filter(decision -> decision.rule().equals(GroupPolicy.RULE))
        .flatMap(decision -> decision.because().stream())
        .collect(ImmutableSet.toImmutableSet())
        .asList();
  }
}
