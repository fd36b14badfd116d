package org.iommu4j.evidence.fault;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.policy.DmaAliases;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;

/**
 * The machine on which a request was refused.
 *
 * @param machine its facts
 * @param report its boot
 */
@Immutable
@SuppressWarnings("Immutable") // a machine does not change once it is built
public record FaultScene(Machine machine, BootReport report) {
  /** Returns the function whose address the requester's id is, if there is one. */
  public Optional<PciDevice> function(PciAddress requester) {
    return machine.pci().device(requester);
  }

  Optional<DeviceReport> decided(PciAddress requester) {
    return report.device(requester);
  }

  /** Returns the other functions whose DMA comes under this id. */
  ImmutableList<PciDevice> sentBy(PciAddress requester) {
    DmaAliases aliases = DmaAliases.of(machine.pci(), report.rules().quirks());
    return machine.pci().devices().stream()
        .filter(device -> device.address().domain() == requester.domain())
        .filter(device -> !device.address().equals(requester))
        .filter(
            device ->
                aliases.walk(device).stream()
                    .anyMatch(alias -> alias.requesterId() == requester.requesterId()))
        .collect(ImmutableList.toImmutableList());
  }
}
