package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciAddress;

/**
 * Whether a device can be handed to a guest or to user space through VFIO, as the release decides
 * that was booted.
 *
 * <p>A function of the facts and of what a boot decided from them; where the command line is at
 * fault, the rest is judged on a boot with a better one, so that all obstacles show at once.
 *
 * <p>Source: {@code drivers/vfio/pci/vfio_pci.c:vfio_pci_probe}, {@code
 * drivers/vfio/vfio.c:vfio_dev_viable}, {@code
 * drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_attach_group}.
 */
public final class AssignPolicy {
  private AssignPolicy() {}

  /**
   * Decides for one device.
   *
   * @param report the boot of this machine
   * @param address a function of the machine
   * @throws IllegalArgumentException if the machine has no such function
   */
  public static Assignment decide(Machine machine, BootReport report, PciAddress address) {
    Candidate now = Candidate.of(machine, report, address);
    List<Finding> findings = new ArrayList<>();
    Optional<Candidate> translated = TranslationFindings.add(now, findings);
    Candidate judged = translated.orElse(now);
    BindingFindings.addProbe(judged, findings);
    if (translated.isPresent()) {
      GroupFindings.add(judged, findings);
      PlatformFindings.addReservations(judged, findings);
      ReachFindings.add(judged, findings);
      PlatformFindings.addInterrupts(judged, findings);
    }
    BindingFindings.addReset(judged, findings);
    if (judged.pci().headerType() == 0) {
      BindingFindings.addBinding(judged, findings);
    }
    return new Assignment(
        address, ImmutableList.sortedCopyOf(Comparator.comparing(Finding::kind), findings));
  }
}
