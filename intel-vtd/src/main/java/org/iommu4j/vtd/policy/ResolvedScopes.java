package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.iommu4j.machine.MissingFact;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Which devices the table's scopes name on a machine.
 *
 * @param parse the table as read
 * @param status 0, or a negative error number that sticks: the driver then does not start
 * @param outcome how the resolution ends
 * @param log what the kernel prints
 * @param unitDevices each unit's devices in the order of its slots
 * @param rmrrDevices each reserved range's devices in the order of its slots
 * @param atsrPorts each root port set's ports in the order of its slots
 * @param satcDevices each list's devices with ATS in the order of its slots
 * @param missing what no fact tells, and to what effect
 */
public record ResolvedScopes(
    ParseResult parse,
    int status,
    CallOutcome outcome,
    ImmutableList<String> log,
    ImmutableMap<RemappingUnit, ImmutableList<PciDevice>> unitDevices,
    ImmutableMap<RmrrUnit, ImmutableList<PciDevice>> rmrrDevices,
    ImmutableMap<AtsrUnit, ImmutableList<PciDevice>> atsrPorts,
    ImmutableMap<SatcUnit, ImmutableList<PciDevice>> satcDevices,
    ImmutableList<MissingFact> missing) {

  /** Returns whether the driver can go on. */
  public boolean ok() {
    return outcome == CallOutcome.RETURNS && status == 0;
  }

  /** Returns the devices in the slots of this unit. */
  public ImmutableList<PciDevice> devices(RemappingUnit unit) {
    return unitDevices.getOrDefault(unit, ImmutableList.of());
  }

  /** Returns the devices in the slots of this reserved range. */
  public ImmutableList<PciDevice> devices(RmrrUnit rmrr) {
    return rmrrDevices.getOrDefault(rmrr, ImmutableList.of());
  }

  /** Returns the devices in the slots of this list. */
  public ImmutableList<PciDevice> devices(SatcUnit satc) {
    return satcDevices.getOrDefault(satc, ImmutableList.of());
  }

  /** Returns the ports in the slots of this root port set. */
  public ImmutableList<PciDevice> ports(AtsrUnit atsr) {
    return atsrPorts.getOrDefault(atsr, ImmutableList.of());
  }
}
