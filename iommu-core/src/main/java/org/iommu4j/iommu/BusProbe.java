package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.policy.GroupChoice;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.iommu.spi.Coverage;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.UnitRegistration;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.jspecify.annotations.Nullable;

/**
 * Puts the devices of the PCI bus into groups, gives each group its default domain and each device
 * its DMA operations, in the kernel's order. Used once.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:bus_iommu_probe}.
 */
final class BusProbe {
  private static final Rule GIVEN_UP = new Rule("group");
  private static final String GIVE_UP = "drivers/iommu/iommu.c:iommu_bus_init";
  private static final String UNREGISTER = "drivers/iommu/iommu.c:iommu_device_unregister";

  private final IommuProbe probe;
  private final GroupPolicy groupPolicy;
  private final TrustRule trust;
  private final Consumer<String> log;
  private final Map<PciDevice, DeviceState> states;
  private final Map<PciDevice, String> units = new LinkedHashMap<>();
  private final Set<String> registered = new HashSet<>();
  private final Map<Integer, IommuGroup> groups = new TreeMap<>();
  private DefaultDomain defaultDomain;

  BusProbe(
      IommuProbe probe,
      GroupPolicy groupPolicy,
      TrustRule trust,
      DefaultDomain defaultDomain,
      Map<PciDevice, DeviceState> states,
      Consumer<String> log) {
    this.probe = probe;
    this.groupPolicy = groupPolicy;
    this.trust = trust;
    this.defaultDomain = defaultDomain;
    this.states = states;
    this.log = log;
  }

  /** Probes all devices that are there at boot, and then those that drivers make. */
  ImmutableList<IommuGroup> run() {
    states.values().stream().filter(state -> !isMadeByDriver(state.pci())).forEach(this::cover);
    ImmutableList<UnitRegistration> registrations = probe.registrations();
    if (registrations.isEmpty()) {
      registered.addAll(units.values());
      String failure = probeBus();
      if (failure != null) {
        return giveUp(failure);
      }
    }
    registrations.forEach(this::register);
    states.values().stream().filter(state -> isMadeByDriver(state.pci())).forEach(this::hotAdd);
    return ImmutableList.copyOf(groups.values());
  }

  /** Returns what is the default for groups at the end. */
  DefaultDomain defaultDomain() {
    return defaultDomain;
  }

  // SR-IOV's virtual functions and the functions behind a VMD controller appear when a driver
  // binds.
  static boolean isMadeByDriver(PciDevice device) {
    return device.isVirtualFunction() || device.address().domain() > 0xffff;
  }

  private boolean cover(DeviceState state) {
    Coverage coverage = probe.coverage(state.pci());
    state.decide(coverage.decision());
    if (coverage.unit() == null) {
      state.summarize(coverage.decision().outcome());
      return false;
    }
    units.put(state.pci(), coverage.unit());
    return true;
  }

  private void register(UnitRegistration unit) {
    probe.registering(unit);
    if (unit.strict()) {
      defaultDomain = defaultDomain.strict();
    }
    registered.add(unit.unit());
    String failure = probeBus();
    if (failure != null) {
      probe.releasing(unit);
      states.values().stream()
          .filter(state -> unit.unit().equals(units.get(state.pci())))
          .forEach(state -> release(state, UNREGISTER, failure));
    }
  }

  // drivers/iommu/iommu.c:iommu_bus_init takes all devices out of their groups again.
  private ImmutableList<IommuGroup> giveUp(String because) {
    states.values().forEach(state -> release(state, GIVE_UP, because));
    return ImmutableList.of();
  }

  private void release(DeviceState state, String source, String because) {
    IommuGroup group = state.group();
    if (group == null) {
      return;
    }
    state.leave();
    if (group.remove(state.pci())) {
      groups.remove(group.id());
    }
    state.decide(Decision.of(GIVEN_UP, "none", source, because));
    state.summarize("groups given up: " + because);
  }

  // Returns why the kernel's loop over the devices or the groups ends early, or null if it does
  // not.
  private @Nullable String probeBus() {
    List<IommuGroup> withoutDomain = new ArrayList<>();
    for (DeviceState state : states.values()) {
      if (state.group() == null && registered.contains(units.get(state.pci()))) {
        IommuGroup group = join(state);
        DomainType type = group.domainType();
        if (type != null) {
          if (!probe.canAttach(state.pci(), mappedEnd(group, type))) {
            return beyondReach(group);
          }
          joinDomain(state, group.id(), type);
        } else if (!withoutDomain.contains(group)) {
          withoutDomain.add(group);
        }
      }
    }
    return firstFailure(withoutDomain);
  }

  private @Nullable String firstFailure(List<IommuGroup> withoutDomain) {
    for (IommuGroup group : withoutDomain) {
      String failure = chooseDomain(group);
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }

  private static String beyondReach(IommuGroup group) {
    return "a device of group " + group.id() + " has a region that its unit cannot translate";
  }

  private void joinDomain(DeviceState state, int groupId, DomainType type) {
    DefaultDomain.Choice choice = defaultDomain.joins(groupId, type);
    if (defaultDomain.rules().finishesJoiners()) {
      finish(state, null, choice);
    } else {
      state.decide(choice.decision());
      state.summarize("the group's domain, but no DMA operations for it" + groupMates(state));
    }
  }

  private IommuGroup join(DeviceState state) {
    GroupChoice choice = probe.group(state.pci(), groupPolicy, this::groupIdOf);
    int id = choice.existing().orElseGet(this::freeId);
    IommuGroup group = groups.computeIfAbsent(id, IommuGroup::new);
    state.join(group);
    state.decide(choice);
    log.accept("pci " + state.pci() + ": Adding to iommu group " + id);
    return group;
  }

  // drivers/iommu/iommu.c:iommu_group_alloc
  private int freeId() {
    int id = 0;
    while (groups.containsKey(id)) {
      id++;
    }
    return id;
  }

  private OptionalInt groupIdOf(PciDevice device) {
    IommuGroup group = stateOf(device).group();
    return group == null ? OptionalInt.empty() : OptionalInt.of(group.id());
  }

  private @Nullable String chooseDomain(IommuGroup group) {
    Map<PciDevice, DomainDemand> demands = new LinkedHashMap<>();
    group.members().forEach(member -> demands.put(member, demandOf(member)));
    Predicate<PciDevice> untrusted = device -> device.untrusted(trust);
    DefaultDomain.Choice choice = defaultDomain.choose(demands, untrusted);
    DomainType type = choice.type();
    if (type == null) {
      return choice.summary();
    }
    group.setDomainType(type);
    long mappedEnd = mappedEnd(group, type);
    for (PciDevice member : group.members()) {
      if (!probe.canAttach(member, mappedEnd)) {
        return beyondReach(group);
      }
    }
    for (PciDevice member : group.members()) {
      finish(stateOf(member), demands.get(member), choice);
    }
    return null;
  }

  private DomainDemand demandOf(PciDevice device) {
    return defaultDomain.demandOf(device.untrusted(trust), probe.domainDemand(device));
  }

  // drivers/iommu/iommu.c:iommu_create_device_direct_mappings.
  private long mappedEnd(IommuGroup group, DomainType type) {
    long end = 0;
    if (!type.isDmaApi()) {
      return end;
    }
    for (PciDevice member : group.members()) {
      for (ReservedRegion region : probe.reservedRegions(member)) {
        boolean direct = region.type().isDirect();
        end = direct && Long.compareUnsigned(region.last() + 1, end) > 0 ? region.last() + 1 : end;
      }
    }
    return end;
  }

  // drivers/iommu/iommu.c:iommu_probe_device: a late member takes the domain that its group has.
  private void hotAdd(DeviceState state) {
    if (!cover(state)) {
      return;
    }
    IommuGroup group = join(state);
    DomainDemand demand = demandOf(state.pci());
    DomainType type = group.domainType();
    DefaultDomain.Choice choice =
        type == null
            ? defaultDomain.alone(state.pci(), demand, state.pci().untrusted(trust))
            : defaultDomain.joins(group.id(), type);
    DomainType chosen = choice.type();
    if (chosen == null) {
      release(state, UNREGISTER, choice.summary());
      return;
    }
    group.setDomainType(chosen);
    finish(state, demand, choice);
  }

  private void finish(
      DeviceState state, @Nullable DomainDemand demand, DefaultDomain.Choice choice) {
    if (demand != null && demand.type() != null) {
      state.decide(demand.decision());
    }
    state.decide(choice.decision());
    state.decide(probe.probeFinalize(state.pci(), choice.type()));
    state.summarize(choice.summary() + groupMates(state));
  }

  private static String groupMates(DeviceState state) {
    IommuGroup group = state.group();
    int mates = group == null ? 0 : group.members().size() - 1;
    return mates == 0
        ? ""
        : "; with " + mates + (mates == 1 ? " other" : " others") + " in the group";
  }

  private DeviceState stateOf(PciDevice device) {
    DeviceState state = states.get(device);
    if (state == null) {
      throw new AssertionError("device " + device + " is in a group but not on the bus");
    }
    return state;
  }
}
