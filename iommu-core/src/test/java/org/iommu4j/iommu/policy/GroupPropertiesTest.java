package org.iommu4j.iommu.policy;

import static org.iommu4j.machine.pci.quirks.AcsFlags.ISOLATION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;

class GroupPropertiesTest {
  private static Map<PciAddress, Integer> groupsOf(TopologyBuilder builder, AcsSettings settings) {
    Map<PciAddress, Integer> groups = new HashMap<>();
    Grouping.of(builder.build(), settings)
        .all()
        .forEach((device, group) -> groups.put(device.address(), group));
    return groups;
  }

  private static void assertRefines(
      Map<PciAddress, Integer> coarse, Map<PciAddress, Integer> fine, String what) {
    Map<Integer, PciAddress> representatives = new HashMap<>();
    fine.forEach(
        (address, group) -> {
          PciAddress other = representatives.putIfAbsent(group, address);
          boolean together =
              other == null || Objects.equals(coarse.get(other), coarse.get(address));
          assertTrue(together, what + " put " + other + " and " + address + " together");
        });
  }

  @Property(tries = 150)
  void everyFunctionHasOneGroupAndTheNumbersHaveNoGaps(@ForAll long seed) {
    TopologyBuilder builder = RandomMachines.of(seed);
    Map<PciAddress, Integer> groups = groupsOf(builder, AcsSettings.asRequested());
    assertEquals(builder.build().devices().size(), groups.size());
    Set<Integer> numbers = new HashSet<>(groups.values());
    for (int number = 0; number < numbers.size(); number++) {
      assertTrue(numbers.contains(number), "no group " + number + " of " + numbers.size());
    }
  }

  @Property(tries = 150)
  void functionsWithOneRequesterIdOnTheWayUpAreInOneGroup(@ForAll long seed) {
    PciTopology topology = RandomMachines.of(seed).build();
    Map<PciDevice, Integer> groups = Grouping.of(topology, AcsSettings.asRequested()).all();
    DmaAliases aliases = DmaAliases.of(topology);
    Map<PciDevice, Integer> byBridge = new HashMap<>();
    for (PciDevice device : topology.devices()) {
      for (DmaAliases.Alias alias : aliases.walk(device)) {
        Integer other = byBridge.putIfAbsent(alias.device(), groups.get(device));
        assertTrue(other == null || other.equals(groups.get(device)), device + " " + alias);
      }
    }
  }

  @Property(tries = 150)
  void accessControlOnOneMorePortNeverMergesGroups(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 1000) int choice) {
    TopologyBuilder builder = RandomMachines.of(seed);
    Map<PciAddress, Integer> before = groupsOf(builder, AcsSettings.asRequested());
    List<PciAddress> ports = new ArrayList<>();
    for (PciDevice device : builder.build().devices()) {
      if (device.isPcieType(PcieType.ROOT_PORT) || device.isPcieType(PcieType.DOWNSTREAM_PORT)) {
        ports.add(device.address());
      }
    }
    if (!ports.isEmpty()) {
      PciAddress port = ports.get(choice % ports.size());
      builder.space(port).acs(ISOLATION, ISOLATION);
      assertRefines(before, groupsOf(builder, AcsSettings.asRequested()), "ACS on " + port);
    }
  }

  @Property(tries = 150)
  void askingForAccessControlNeverMergesGroups(@ForAll long seed) {
    TopologyBuilder builder = RandomMachines.of(seed);
    AcsSettings notAsked = new AcsSettings(false, false, null, ImmutableSet.of());
    Map<PciAddress, Integer> before = groupsOf(builder, notAsked);
    assertRefines(before, groupsOf(builder, AcsSettings.asRequested()), "asking");
  }

  @Property(tries = 150)
  void takingRedirectionAwayNeverSplitsGroups(@ForAll long seed) {
    TopologyBuilder builder = RandomMachines.of(seed);
    AcsSettings taken = new AcsSettings(true, true, "pci:0:0", ImmutableSet.of());
    Map<PciAddress, Integer> before = groupsOf(builder, taken);
    assertRefines(before, groupsOf(builder, AcsSettings.asRequested()), "redirection");
  }

  @Property(tries = 150)
  void aFunctionBehindAPortWithoutAccessControlIsInThePortsGroup(@ForAll long seed) {
    PciTopology topology = RandomMachines.of(seed).build();
    AcsPolicy acs = new AcsPolicy(AcsSettings.asRequested());
    Map<PciDevice, Integer> groups = Grouping.of(topology, AcsSettings.asRequested()).all();
    for (PciDevice device : topology.devices()) {
      PciDevice bridge = device.bus().self();
      if (bridge != null && !acs.pathEnabled(bridge, ISOLATION).enabled()) {
        assertEquals(groups.get(bridge), groups.get(device), device + " behind " + bridge);
      }
    }
  }

  @Property(tries = 150)
  void everyDecisionSaysWhy(@ForAll long seed) {
    PciTopology topology = RandomMachines.of(seed).build();
    GroupPolicy policy = GroupPolicy.of(topology, AcsSettings.asRequested());
    for (PciDevice device : topology.devices()) {
      GroupChoice choice = policy.choose(device, other -> OptionalInt.empty());
      assertEquals(ImmutableSet.of("new group"), ImmutableSet.of(choice.decision().outcome()));
      assertTrue(!choice.decision().because().isEmpty(), choice.toString());
    }
  }
}
