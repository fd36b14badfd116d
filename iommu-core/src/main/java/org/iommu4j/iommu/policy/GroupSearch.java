package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.function.Function;
import org.iommu4j.iommu.pci.PciBus;
import org.iommu4j.iommu.pci.PciDevice;
import org.iommu4j.iommu.pci.quirks.AcsFlags;

/** One search for a function's group. Not thread-safe; used once. */
final class GroupSearch {
  private final AcsPolicy acs;
  private final DmaAliases aliases;
  private final Function<PciDevice, OptionalInt> groups;
  private final BitSet visited = new BitSet(256);
  private final ImmutableList.Builder<String> because = ImmutableList.builder();

  GroupSearch(AcsPolicy acs, DmaAliases aliases, Function<PciDevice, OptionalInt> groups) {
    this.acs = acs;
    this.aliases = aliases;
    this.groups = groups;
  }

  GroupChoice run(PciDevice device) {
    PciDevice at = device;
    for (DmaAliases.Alias alias : aliases.walk(device)) {
      at = alias.device();
      if (at != device) {
        because.add(alias.because());
      }
      OptionalInt group = groups.apply(at);
      if (group.isPresent()) {
        return choice(group, at);
      }
    }
    for (PciBus bus = at.bus(); bus != null && !bus.isRoot(); bus = bus.parent()) {
      PciDevice bridge = bus.self();
      if (bridge == null) {
        continue;
      }
      AcsVerdict path = acs.pathEnabled(bridge, AcsFlags.ISOLATION);
      because.add(path.toString());
      if (path.enabled()) {
        break;
      }
      at = bridge;
      OptionalInt group = groups.apply(at);
      if (group.isPresent()) {
        return choice(group, at);
      }
    }
    OptionalInt group = ofAliases(at);
    if (group.isEmpty()) {
      group = ofFunctions(at);
    }
    return choice(group, at);
  }

  private GroupChoice choice(OptionalInt group, PciDevice at) {
    String outcome = "new group";
    if (group.isPresent()) {
      outcome = "group " + group.getAsInt();
    } else {
      because.add(at + " shares its group with nothing that has one");
    }
    return new GroupChoice(
        group,
        new Decision(
            "iommu-group", outcome, because.build(), "drivers/iommu/iommu.c:pci_device_group"));
  }

  // drivers/iommu/iommu.c:get_pci_alias_group
  private OptionalInt ofAliases(PciDevice device) {
    int devfn = device.address().devfn();
    if (visited.get(devfn)) {
      return OptionalInt.empty();
    }
    visited.set(devfn);
    OptionalInt group = groups.apply(device);
    for (PciDevice other : device.bus().devices()) {
      if (group.isPresent()) {
        return group;
      }
      if (other != device && aliases.areAliases(device, other)) {
        because.add(device + " and " + other + " use one requester id");
        group = ofAliases(other);
        if (group.isEmpty()) {
          group = ofFunctions(other);
        }
      }
    }
    return group;
  }

  // drivers/iommu/iommu.c:get_pci_function_alias_group
  private OptionalInt ofFunctions(PciDevice device) {
    if (!device.multifunction()) {
      return OptionalInt.empty();
    }
    AcsVerdict own = acs.enabled(device, AcsFlags.ISOLATION);
    because.add(own.toString());
    if (own.enabled()) {
      return OptionalInt.empty();
    }
    for (PciDevice sibling : device.bus().devices()) {
      if (sibling == device || sibling.address().device() != device.address().device()) {
        continue;
      }
      AcsVerdict verdict = acs.enabled(sibling, AcsFlags.ISOLATION);
      if (verdict.enabled()) {
        continue;
      }
      OptionalInt group = ofAliases(sibling);
      if (group.isPresent()) {
        because.add(verdict.toString());
        return group;
      }
    }
    return OptionalInt.empty();
  }
}
