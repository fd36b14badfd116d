package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.function.Function;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.machine.pci.PciBus;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.AcsFlags;

/** One search for a function's group. Not thread-safe; used once. */
final class GroupSearch {
  private final AcsPolicy acs;
  private final DmaAliases aliases;
  private final Function<PciDevice, OptionalInt> groups;
  private final PciDevice device;
  private final BitSet visited = new BitSet(256);
  private final ImmutableList.Builder<String> because = ImmutableList.builder();
  private final ImmutableList.Builder<AcsVerdict> lacking = ImmutableList.builder();

  /** The function or bridge that the search has come up to. */
  private PciDevice at;

  GroupSearch(
      AcsPolicy acs,
      DmaAliases aliases,
      Function<PciDevice, OptionalInt> groups,
      PciDevice device) {
    this.acs = acs;
    this.aliases = aliases;
    this.groups = groups;
    this.device = device;
    this.at = device;
  }

  GroupChoice run() {
    OptionalInt group = upThroughAliases();
    if (group.isEmpty()) {
      group = upToIsolation();
    }
    if (group.isEmpty()) {
      group = ofAliases(at);
    }
    if (group.isEmpty()) {
      group = ofFunctions(at);
    }
    return choice(group);
  }

  private OptionalInt upThroughAliases() {
    OptionalInt group = OptionalInt.empty();
    for (DmaAliases.Alias alias : aliases.walk(device)) {
      if (group.isPresent()) {
        break;
      }
      at = alias.device();
      if (at != device) {
        because.add(alias.because());
      }
      group = groupOf(at);
    }
    return group;
  }

  private OptionalInt upToIsolation() {
    OptionalInt group = OptionalInt.empty();
    PciBus bus = at.bus();
    while (group.isEmpty() && bus != null && !bus.isRoot()) {
      PciDevice bridge = bus.self();
      if (bridge != null) {
        AcsVerdict path = acs.pathEnabled(bridge, AcsFlags.ISOLATION);
        note(path);
        if (path.enabled()) {
          break;
        }
        at = bridge;
        group = groupOf(at);
      }
      bus = bus.parent();
    }
    return group;
  }

  private void note(AcsVerdict verdict) {
    because.add(verdict.toString());
    if (!verdict.enabled()) {
      lacking.add(verdict);
    }
  }

  private GroupChoice choice(OptionalInt group) {
    String outcome = "new group";
    if (group.isPresent()) {
      outcome = "group " + group.getAsInt();
    } else {
      because.add(at + " is tied to nothing that has a group");
    }
    return new GroupChoice(
        group,
        lacking.build(),
        new Decision(
            GroupPolicy.RULE, outcome, because.build(), "drivers/iommu/iommu.c:pci_device_group"));
  }

  private OptionalInt groupOf(PciDevice member) {
    OptionalInt group = groups.apply(member);
    group.ifPresent(number -> because.add(member + " is in group " + number));
    return group;
  }

  // drivers/iommu/iommu.c:get_pci_alias_group
  private OptionalInt ofAliases(PciDevice start) {
    int devfn = start.address().devfn();
    if (visited.get(devfn)) {
      return OptionalInt.empty();
    }
    visited.set(devfn);
    OptionalInt group = groupOf(start);
    for (PciDevice other : start.bus().devices()) {
      if (group.isPresent()) {
        return group;
      }
      if (other != start && aliases.areAliases(start, other)) {
        because.add(start + " and " + other + " use one requester id");
        group = ofAliases(other);
        if (group.isEmpty()) {
          group = ofFunctions(other);
        }
      }
    }
    return group;
  }

  // drivers/iommu/iommu.c:get_pci_function_alias_group
  private OptionalInt ofFunctions(PciDevice start) {
    if (!start.multifunction()) {
      return OptionalInt.empty();
    }
    AcsVerdict own = acs.enabled(start, AcsFlags.ISOLATION);
    note(own);
    if (own.enabled()) {
      return OptionalInt.empty();
    }
    for (PciDevice sibling : start.bus().devices()) {
      if (sibling == start || sibling.address().device() != start.address().device()) {
        continue;
      }
      AcsVerdict verdict = acs.enabled(sibling, AcsFlags.ISOLATION);
      if (verdict.enabled()) {
        continue;
      }
      note(verdict);
      OptionalInt group = ofAliases(sibling);
      if (group.isPresent()) {
        return group;
      }
    }
    return OptionalInt.empty();
  }
}
