package org.iommu4j.iommu.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.TopologyBuilder;

/** Adds all functions of a machine in the kernel's order and keeps their groups, for tests. */
final class Grouping {
  private final Map<PciDevice, Integer> groups = new LinkedHashMap<>();
  private final Map<PciDevice, Decision> decisions = new LinkedHashMap<>();
  private final PciTopology topology;
  private int next;

  private Grouping(PciTopology topology) {
    this.topology = topology;
  }

  static Grouping of(TopologyBuilder builder) {
    return of(builder.build(), AcsSettings.asRequested());
  }

  static Grouping of(PciTopology topology, AcsSettings settings) {
    Grouping grouping = new Grouping(topology);
    GroupPolicy policy = GroupPolicy.of(topology, settings, Linux510.RULES.quirks());
    topology.devices().forEach(device -> grouping.add(device, policy));
    return grouping;
  }

  private void add(PciDevice device, GroupPolicy policy) {
    GroupChoice choice = policy.choose(device, this::find);
    groups.put(device, choice.existing().isPresent() ? choice.existing().getAsInt() : next++);
    decisions.put(device, choice.decision());
  }

  private OptionalInt find(PciDevice device) {
    Integer group = groups.get(device);
    return group == null ? OptionalInt.empty() : OptionalInt.of(group);
  }

  Map<PciDevice, Integer> all() {
    return groups;
  }

  int of(String address) {
    return groups.getOrDefault(device(address), -1);
  }

  String why(String address) {
    return String.valueOf(decisions.get(device(address)));
  }

  private PciDevice device(String address) {
    return topology.device(TopologyBuilder.address(address)).orElseThrow();
  }
}
