package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.policy.GroupChoice;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.iommu.spi.Coverage;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.OpsChoice;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * Puts the devices of the PCI bus into groups, gives each group its default domain and each device
 * its DMA operations, in the kernel's order.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:bus_iommu_probe}.
 */
final class BusProbe {
  private static final Rule GIVEN_UP = new Rule("group");
  private static final String GIVE_UP = "drivers/iommu/iommu.c:iommu_bus_init";

  private final IommuProbe probe;
  private final GroupPolicy groupPolicy;
  private final DefaultDomain defaultDomain;
  private final Consumer<String> log;
  private final Map<PciDevice, DeviceState> states;
  private final Map<Integer, IommuGroup> groups = new LinkedHashMap<>();

  BusProbe(
      IommuProbe probe,
      GroupPolicy groupPolicy,
      DefaultDomain defaultDomain,
      Map<PciDevice, DeviceState> states,
      Consumer<String> log) {
    this.probe = probe;
    this.groupPolicy = groupPolicy;
    this.defaultDomain = defaultDomain;
    this.states = states;
    this.log = log;
  }

  /** Probes all devices that are there at boot, and then those that drivers make. */
  ImmutableList<IommuGroup> run() {
    List<IommuGroup> withoutDomain = new ArrayList<>();
    List<DeviceState> late = new ArrayList<>();
    for (DeviceState state : states.values()) {
      if (isMadeByDriver(state.pci())) {
        late.add(state);
      } else {
        IommuGroup group = probe(state);
        if (group != null && !withoutDomain.contains(group)) {
          withoutDomain.add(group);
        }
      }
    }
    for (IommuGroup group : withoutDomain) {
      if (!chooseDomain(group)) {
        return giveUp(group);
      }
    }
    late.forEach(this::hotAdd);
    return ImmutableList.copyOf(groups.values());
  }

  // drivers/iommu/iommu.c:iommu_bus_init takes all devices out of their groups again.
  private ImmutableList<IommuGroup> giveUp(IommuGroup failed) {
    String because =
        "a device of group " + failed.id() + " has a region that its unit cannot translate";
    for (DeviceState state : states.values()) {
      if (state.group() != null) {
        state.leave();
        state.device().setDmaOps(null);
        state.decide(Decision.of(GIVEN_UP, "none", GIVE_UP, because));
        state.summarize("groups given up: " + because);
      }
    }
    return ImmutableList.of();
  }

  // SR-IOV's virtual functions and the functions behind a VMD controller appear when a driver
  // binds.
  static boolean isMadeByDriver(PciDevice device) {
    return device.isVirtualFunction() || device.address().domain() > 0xffff;
  }

  private @Nullable IommuGroup probe(DeviceState state) {
    Coverage coverage = probe.coverage(state.pci());
    state.decide(coverage.decision());
    if (coverage.unit() == null) {
      state.summarize(coverage.decision().outcome());
      return null;
    }
    GroupChoice choice = probe.group(state.pci(), groupPolicy, this::groupIdOf);
    int id = choice.existing().orElse(groups.size());
    IommuGroup group = groups.computeIfAbsent(id, IommuGroup::new);
    state.join(group);
    state.decide(choice);
    log.accept("pci " + state.pci() + ": Adding to iommu group " + id);
    return group;
  }

  private OptionalInt groupIdOf(PciDevice device) {
    IommuGroup group = stateOf(device).group();
    return group == null ? OptionalInt.empty() : OptionalInt.of(group.id());
  }

  // Returns false if a member cannot be attached, which ends the kernel's loop over the groups.
  private boolean chooseDomain(IommuGroup group) {
    Map<PciDevice, DomainDemand> demands = new LinkedHashMap<>();
    group.members().forEach(member -> demands.put(member, probe.domainDemand(member)));
    DefaultDomain.Choice choice = defaultDomain.choose(demands);
    group.setDomainType(choice.type());
    long mappedEnd = choice.type() == DomainType.DMA ? directEnd(group) : 0;
    for (PciDevice member : group.members()) {
      if (!probe.canAttach(member, mappedEnd)) {
        return false;
      }
    }
    for (PciDevice member : group.members()) {
      finish(stateOf(member), demands.get(member), choice);
    }
    return true;
  }

  // drivers/iommu/iommu.c:iommu_create_device_direct_mappings.
  private long directEnd(IommuGroup group) {
    long end = 0;
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
    IommuGroup group = probe(state);
    if (group == null) {
      return;
    }
    DomainDemand demand = probe.domainDemand(state.pci());
    DomainType type = group.domainType();
    DefaultDomain.Choice choice =
        type == null
            ? defaultDomain.alone(state.pci(), demand)
            : defaultDomain.joins(group.id(), type);
    group.setDomainType(choice.type());
    finish(state, demand, choice);
  }

  private void finish(
      DeviceState state, @Nullable DomainDemand demand, DefaultDomain.Choice choice) {
    if (demand != null && demand.type() != null) {
      state.decide(demand.decision());
    }
    state.decide(choice.decision());
    OpsChoice ops = probe.probeFinalize(state.pci(), choice.type());
    state.decide(ops.decision());
    state.device().setDmaOps(ops.ops());
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
