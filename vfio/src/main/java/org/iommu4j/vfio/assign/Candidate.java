package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.machine.CommandLine.Parameter;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciClassNames;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vfio.release.VfioRules;

/** A device on one boot of its machine. */
record Candidate(Machine machine, BootReport report, PciDevice pci) {
  static Candidate of(Machine machine, BootReport report, PciAddress address) {
    PciDevice pci =
        machine
            .pci()
            .device(address)
            .orElseThrow(() -> new IllegalArgumentException(machine + " has no " + address));
    return new Candidate(machine, report, pci);
  }

  /** Returns the same device on another boot. */
  Candidate on(CommandLineRemedy remedy) {
    return of(remedy.machine(), remedy.report(), pci.address());
  }

  VfioRules rules() {
    return VfioRules.of(report.rules());
  }

  DeviceReport decided() {
    return decided(pci);
  }

  DeviceReport decided(PciDevice device) {
    return report
        .device(device.address())
        .orElseThrow(() -> new IllegalArgumentException("no report on " + device));
  }

  Optional<GroupReport> group() {
    return report.groups().stream()
        .filter(group -> group.devices().contains(pci.address()))
        .findFirst();
  }

  /** Returns the members of the device's group, itself among them. */
  ImmutableList<PciDevice> members() {
    return group().stream()
        .flatMap(group -> group.devices().stream())
        .map(address -> machine.pci().device(address).orElseThrow())
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns whether the command line sets a module's flag; the last word counts. */
  boolean isFlagSet(String name) {
    boolean set = false;
    for (Parameter parameter : machine.commandLine().parameters()) {
      if (parameter.isNamed(name)) {
        String value = parameter.value();
        set = value == null || value.matches("(?s)[yY1].*|[oO][nN].*");
      }
    }
    return set;
  }

  /** Returns address and kind of a function, for people. */
  static String named(PciDevice device) {
    return device + " " + PciClassNames.of(device.classCode());
  }
}
