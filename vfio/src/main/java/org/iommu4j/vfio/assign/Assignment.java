package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.pci.PciAddress;

/**
 * Whether a device can be handed to a guest or to user space.
 *
 * @param device the device
 * @param findings all there is to know, obstacles first
 */
@Immutable
public record Assignment(PciAddress device, ImmutableList<Finding> findings) {
  /** Returns whether nothing stands in the way but the steps. */
  public boolean isPossible() {
    return of(Finding.Kind.OBSTACLE).isEmpty();
  }

  /** Returns the findings of one kind. */
  public ImmutableList<Finding> of(Finding.Kind kind) {
    return findings.stream()
        .filter(finding -> finding.kind() == kind)
        .collect(ImmutableList.toImmutableList());
  }
}
