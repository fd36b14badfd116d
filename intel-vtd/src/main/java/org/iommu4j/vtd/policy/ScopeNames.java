package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.Optional;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;
import org.iommu4j.vtd.dmar.DmarTable;

/** Which device one scope names, by the kernel's rule and apart from all other scopes. */
public final class ScopeNames {
  private ScopeNames() {}

  /**
   * What a scope names.
   *
   * @param device the device
   * @param typeFits whether it is of the kind that the scope says; else the kernel gives up
   * @param bySecondaryBus whether it is only found because the start bus is the device's own bus
   */
  public record Named(PciDevice device, boolean typeFits, boolean bySecondaryBus) {}

  /** Returns the device that a scope names, or nothing if it names none. */
  public static Optional<Named> named(DeviceScope scope, int segment, PciTopology pci) {
    DmarTable table = DmarBuilder.tableOf(new Rmrr(0, segment, 0, 0, ImmutableList.of(scope)));
    int from = DmarTable.HEADER_BYTES + Rmrr.FIXED_BYTES;
    ScopeSpan span = new ScopeSpan(DmarTable.HEADER_BYTES, from, table.sizeBytes(), true, 1);
    ScopeMatcher matcher = new ScopeMatcher(table, span, segment);
    for (PciDevice device : pci.devices()) {
      if (device.isVirtualFunction() || !endsAt(scope, device)) {
        continue;
      }
      ScopeMatcher.Outcome outcome = matcher.insert(device, new ArrayList<>());
      if (outcome != ScopeMatcher.Outcome.NO_MATCH) {
        boolean fits = outcome == ScopeMatcher.Outcome.INSERTED;
        return Optional.of(new Named(device, fits, matcher.isFoundBySecondaryBus(device)));
      }
    }
    return Optional.empty();
  }

  // Spares the long way for nearly all devices.
  private static boolean endsAt(DeviceScope scope, PciDevice device) {
    if (scope.path().isEmpty()) {
      return false;
    }
    DeviceScope.Hop last = Iterables.getLast(scope.path());
    return last.device() == device.address().device()
        && last.function() == device.address().function();
  }
}
